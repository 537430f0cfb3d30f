drop index channels_org_idx;
