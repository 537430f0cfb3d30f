drop table channel_members, channels, team_members, teams;
