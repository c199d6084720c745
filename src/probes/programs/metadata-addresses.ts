/**
 * Instance-metadata addresses that no probe program connects to, even where a name resolves to them; the same list as
 * `core/net/metadata.ts`, written out because the check runs inside the pod (a test compares the two).
 */
export const METADATA_V4 = '169.254.169.254 169.254.170.2 169.254.170.23 100.100.100.200 169.254.0.23 169.254.42.42';
export const METADATA_V6 = 'fd00:ec2::254 fd00:ec2::23 fd20:ce::254 fd00:42::42';
