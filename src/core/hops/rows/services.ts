/** Other services whose answers name a host for files; part of `../hand-offs.ts`. */
import type { Row } from '../hand-off.ts';

const SNOWFLAKE = 'docs.snowflake.com/en/sql-reference/functions/system_allowlist';
const B2 = 'www.backblaze.com/apidocs/b2-authorize-account';

// With and without a region in the account's name.
const SNOWFLAKE_ACCOUNTS = ['*.snowflakecomputing.com', '*.*.snowflakecomputing.com', '*.*.*.snowflakecomputing.com'];

export const SERVICE_ROWS: readonly Row[] = [
  {
    // Forms: test/unit/test_ocsp.py of github.com/snowflakedb/snowflake-connector-python.
    from: SNOWFLAKE_ACCOUNTS,
    to: [
      'sfc-*-customer-stage.s3.{region}.amazonaws.com',
      'sfc-*-customer-stage.s3.amazonaws.com',
      'sfc-*-customer-stage.s3-{region}.amazonaws.com',
    ],
    what: 'stages (files) on Amazon S3',
    source: SNOWFLAKE,
  },
  {
    from: SNOWFLAKE_ACCOUNTS,
    to: '*.blob.core.windows.net',
    what: 'stages (files) on Azure',
    source: SNOWFLAKE,
    alsoOthers: true,
  },
  {
    from: SNOWFLAKE_ACCOUNTS,
    to: 'storage.googleapis.com',
    what: 'stages (files) on Google Cloud',
    source: SNOWFLAKE,
    alsoOthers: true,
  },
  {
    from: '*.cloud.databricks.com',
    to: '*.storage.cloud.databricks.com',
    what: 'large results (Cloud Fetch)',
    source: 'github.com/databrickslabs/ontobricks/pull/16',
  },
  {
    from: 'slack.com',
    to: 'files.slack.com',
    what: 'uploads and private files',
    source: 'docs.slack.dev/reference/methods/files.getUploadURLExternal',
  },
  {
    from: 'api.backblazeb2.com',
    to: ['api{n}.backblazeb2.com', 'f{n}.backblazeb2.com'],
    what: 'calls and downloads',
    source: B2,
  },
  {
    from: 'graph.microsoft.com',
    to: '*.sharepoint.com',
    what: 'contents of files',
    source:
      'learn.microsoft.com/graph/api/driveitem-get-content; github.com/microsoftgraph/msgraph-sdk-javascript/issues/388',
    alsoOthers: true,
  },
  {
    from: 'api.dropboxapi.com',
    to: '*.dl.dropboxusercontent.com',
    what: 'temporary links to files',
    source: 'www.dropbox.com/developers/documentation/http/documentation, files/get_temporary_link',
  },
  {
    from: 'api.stripe.com',
    to: 'files.stripe.com',
    what: 'files and reports',
    source: 'docs.stripe.com/api/files/object',
  },
  {
    from: 'api.twilio.com',
    to: 'media.twiliocdn.com',
    what: 'media of messages',
    source: 'github.com/codeforamerica/vita-min/pull/563',
  },
];
