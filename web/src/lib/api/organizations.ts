/** Organisations: the one whose address this is, and, for operators, all of the deployment. See docs/ORGANISATIONS.md. */
import { query, request } from './own';

export type SignUpPolicy = 'open' | 'invitation' | 'domain' | 'closed';

export interface Organization {
  id: string;
  slug: string;
  name: string;
  /** Where people find it; empty if the settings do not tell. */
  url: string;
  is_default: boolean;
  domains: string[];
  sign_up_policy: SignUpPolicy;
  /** What whoever sets the policy must know. */
  sign_up_note?: string;
  email_domains: string[];
  /** 0 for no limit. */
  max_users: number;
  max_storage_bytes: number;
  /** 0: as the settings of the server have it. */
  max_file_bytes: number;
  /** 0 for ever. */
  retention_days: number;
  /** Whether everybody must have a second factor. */
  enforce_second_factor: boolean;
  /** 0 if it is not suspended. */
  suspended_at: number;
  /** Where its first account is made; told once to whoever made it without an administrator. */
  setup_link?: string;
}

interface Counts {
  user_count: number;
  team_count: number;
  channel_count: number;
}

export type ListedOrganization = Organization & Partial<Counts>;

export interface Usage extends Counts {
  post_count: number;
  file_count: number;
  storage_bytes: number;
  max_users: number;
  max_storage_bytes: number;
}

type Decided =
  'name' | 'slug' | 'domains' | 'sign_up_policy' | 'email_domains' | 'retention_days' | 'enforce_second_factor';
type Bounds = 'max_users' | 'max_storage_bytes' | 'max_file_bytes';
export type OrganizationPatch = Partial<Pick<Organization, Decided | Bounds>>;

/** The first account of an organisation, which administrates it. */
export interface FirstAdmin {
  username: string;
  email: string;
  password: string;
}

/** The name of one's own organisation in paths. */
export const OWN = 'current';

export async function listOrganizations(page: number, size: number): Promise<ListedOrganization[]> {
  const found = await request<{ organizations: ListedOrganization[] }>(
    'get',
    `/organizations${query({ page, per_page: size })}`,
  );
  return found.organizations;
}

export function getOrganization(id: string): Promise<Organization> {
  return request('get', `/organizations/${id}`);
}

export function getUsage(id: string): Promise<Usage> {
  return request('get', `/organizations/${id}/usage`);
}

export function createOrganization(org: OrganizationPatch & { admin?: FirstAdmin }): Promise<Organization> {
  return request('post', '/organizations', org);
}

export function patchOrganization(id: string, patch: OrganizationPatch): Promise<Organization> {
  return request('put', `/organizations/${id}/patch`, patch);
}

export function suspendOrganization(id: string): Promise<unknown> {
  return request('post', `/organizations/${id}/suspend`);
}

export function resumeOrganization(id: string): Promise<unknown> {
  return request('post', `/organizations/${id}/resume`);
}

export function deleteOrganization(id: string): Promise<unknown> {
  return request('delete', `/organizations/${id}`);
}
