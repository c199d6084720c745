/** Secrets that are recognised by their own shape, without a name beside them; used by `redact.ts`. */

/**
 * Each alternative is a fixed prefix and then an open run with nothing behind it, so a failed try costs at most the least length.
 * Sources: the vendors' pages on token formats. Measured against the shapes of other scanners' rules; see CONTRIBUTING, "Secrets".
 */
const PREFIXED: readonly string[] = [
  // Clouds: AWS IAM unique ids and Bedrock, Google, Azure AD, DigitalOcean, Alibaba, Heroku, Fly.io, Scalingo, Databricks.
  '(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}',
  'ABSK[A-Za-z0-9+/]{60,}',
  'bedrock-api-key-[A-Za-z0-9+/=_-]{20,}',
  'AIza[A-Za-z0-9_-]{30,}',
  'ya29\\.[A-Za-z0-9_.-]{20,}',
  'GOCSPX-[A-Za-z0-9_-]{20,}',
  '(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.]{3}\\dQ~[A-Za-z0-9_~.-]{31,}',
  'do[opr]_v1_[a-f0-9]{40,}',
  '(?<![A-Za-z0-9])LTAI[A-Za-z0-9]{12,30}',
  'HRKU-[A-Za-z0-9_-]{30,}',
  '(?<![A-Za-z0-9])(?:fo1|fm1[ar]|fm2)_[A-Za-z0-9+/=_-]{40,}',
  'tk-us-[A-Za-z0-9_-]{40,}',
  'dapi[a-f0-9]{32}',
  // Code hosts and registries: GitHub, GitLab, npm, PyPI, RubyGems, Docker Hub, Artifactory, Clojars, Sourcegraph, Octopus, Harness.
  'gh[pousr]_[A-Za-z0-9]{30,}',
  'github_pat_[A-Za-z0-9_]{22,}',
  'gl(?:pat|dt|rt|cbt|ptt|soat|agent|ft|imt|ffct|oas)-[A-Za-z0-9_.-]{16,}',
  'GR1348941[A-Za-z0-9_-]{16,}',
  'npm_[A-Za-z0-9]{30,}',
  'pypi-[A-Za-z0-9_-]{40,}',
  'rubygems_[a-f0-9]{40,}',
  'dckr_pat_[A-Za-z0-9_-]{20,}',
  '(?<![A-Za-z0-9])AKCp[A-Za-z0-9]{60,}',
  '(?<![A-Za-z0-9])cmVmd[A-Za-z0-9]{59}',
  'CLOJARS_[A-Za-z0-9]{40,}',
  'sgp_[A-Za-z0-9_]{40,}',
  '(?<![A-Za-z0-9])API-[A-Z0-9]{26}',
  '(?<![A-Za-z0-9])[ps]at\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9]{24}\\.[A-Za-z0-9]{20}',
  // Chat, mail, payment: Slack, Telegram, SendGrid, Brevo, Mailgun, Mailchimp, Twilio, Stripe, Square, Shopify, Shippo, EasyPost …
  'xox[a-z]-[A-Za-z0-9-]{10,}',
  'xapp-[A-Za-z0-9-]{10,}',
  '(?<![0-9])[0-9]{8,10}:AA[A-Za-z0-9_-]{30,}',
  'SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}',
  'x(?:keysib|smtpsib)-[a-f0-9]{40,}(?:-[A-Za-z0-9]{8,})?',
  '(?<![A-Za-z0-9-])key-[a-f0-9]{32}',
  '(?<![A-Za-z0-9])[a-f0-9]{32}-us[0-9]{1,2}(?![A-Za-z0-9])',
  '(?<![A-Za-z0-9])SK[a-f0-9]{32}(?![A-Za-z0-9])',
  '[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,}',
  'sq0(?:atp|csp)-[A-Za-z0-9_-]{20,}',
  'shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}',
  'shippo_(?:live|test)_[A-Fa-f0-9]{30,}',
  '(?<![A-Za-z0-9])EZ[AT]K[A-Za-z0-9]{54}',
  'FLW(?:SECK|PUBK)(?:_TEST)?-[A-Za-z0-9]{12,}',
  'duffel_(?:test|live)_[A-Za-z0-9_=-]{30,}',
  '(?<![A-Za-z0-9])EAA[A-Za-z0-9]{80,}',
  // Operations: Vault, Terraform Cloud, Grafana, New Relic, Dynatrace, Sentry, Pulumi, Doppler, Postman, OpenShift, Prefect, PlanetScale.
  'hv[sbr]\\.[A-Za-z0-9_-]{20,}',
  '(?<![\\w.])s\\.(?=[A-Za-z]{0,23}[0-9])[A-Za-z0-9]{24}(?![A-Za-z0-9])',
  '(?<![A-Za-z0-9])[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{40,}',
  'glsa_[A-Za-z0-9_]{30,}',
  'glc_[A-Za-z0-9+/=]{32,}',
  'NR(?:AK|II|JS|RA)-[A-Za-z0-9_-]{19,}',
  'dt0[a-z][0-9]{2}\\.[A-Za-z0-9]{20,}\\.[A-Za-z0-9]{40,}',
  'sntry[su]_[A-Za-z0-9+/=_-]{30,}',
  'pul-[a-f0-9]{40}',
  '(?<![A-Za-z0-9])dp\\.(?:pt|st|ct|sa|scim|audit)\\.[A-Za-z0-9_.-]{30,}',
  'PMAK-[A-Fa-f0-9]{20,}-[A-Fa-f0-9]{20,}',
  'sha256~[A-Za-z0-9_-]{40,}',
  'pnu_[A-Za-z0-9]{30,}',
  'pscale_(?:tkn|oauth|pw)_[A-Za-z0-9_=.-]{30,}',
  'v1\\.0-[a-f0-9]{24}-[a-f0-9]{100,}',
  // Applications: OpenAI-style, Perplexity, Hugging Face, Notion, Linear, Airtable, 1Password, age, Adobe, frame.io, ReadMe, MaxMind …
  '(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{20,}',
  'pplx-[A-Za-z0-9]{40,}',
  '(?:hf|api_org)_[A-Za-z0-9]{30,}',
  '(?<![A-Za-z0-9])ntn_[A-Za-z0-9]{40,}',
  'lin_(?:api|oauth)_[A-Za-z0-9]{30,}',
  '(?<![A-Za-z0-9])pat[A-Za-z0-9]{14}\\.[a-f0-9]{50,}',
  '(?<![A-Za-z0-9])A3-[A-Z0-9]{6}-[A-Z0-9]{6,11}-[A-Z0-9-]{11,}',
  'AGE-SECRET-KEY-1[A-Z0-9]{50,}',
  '(?<![A-Za-z0-9])p8e-[A-Za-z0-9]{32}',
  'fio-u-[A-Za-z0-9_=-]{40,}',
  'rdme_[a-z0-9]{50,}',
  '(?<![A-Za-z0-9])ico-[A-Za-z0-9]{32}',
  'sm_[aps]at_[A-Za-z0-9]{16,}',
  's-s4t2(?:ud|af)-[a-f0-9]{40,}',
  '(?<![A-Za-z0-9])4b1d[A-Za-z0-9]{38}(?![A-Za-z0-9])',
  '(?<![A-Za-z0-9])[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk',
  // JSON web tokens, plain and once more in base64.
  'eyJ[A-Za-z0-9_-]{14,}(?:\\.[A-Za-z0-9_-]*){0,4}',
  '(?<![A-Za-z0-9+/])ZXlK[A-Za-z0-9+/_=-]{40,}',
];

const TOKENS = new RegExp(PREFIXED.join('|'), 'g');

/** `Bearer` and `Basic` credentials; a plain word after them (`Basic authentication`) has neither digit nor inner capital. */
const SCHEME =
  /(\b(?:[Bb]earer|BEARER|[Bb]asic|BASIC|[Nn]egotiate|[Aa]pi[Kk]ey|[Tt]oken)[ \t]{1,4})(?=[A-Za-z0-9._~+/=-]{0,40}[0-9=+/]|[A-Za-z]{1,40}[A-Z])[A-Za-z0-9._~+/=-]{8,}/g;

/** Webhook and bot addresses whose path is the secret, and pre-authenticated requests of Oracle's object storage. */
const SECRET_PATH =
  /(hooks\.slack\.com\/(?:services|workflows|triggers)\/|discord(?:app)?\.com\/api\/webhooks\/|api\.telegram\.org\/bot|webhook\.office\.com\/webhookb2\/|objectstorage\.[a-z0-9.-]{1,60}\.(?:oraclecloud|customer-oci)\.com\/p\/)(?!\[redacted\])[^\s"'<>?]+/gi;

/** curl's `-u name:password`. */
const USER_FLAG = /((?<![\w-])(?:-u|--(?:proxy-)?user)[ =]["']?)(?!\[redacted\])[^\s"':]{0,100}:[^\s"']+/g;

/** A line that begins in the middle of `…Signature=`: a terminal or a log driver wrapped the URL there. */
const WRAPPED_NAME =
  /(^[ \t]{0,8}(?:mz-|z-|-)?(?:Signature|ignature|gnature|nature|ature|ture|ure|re|e)=)[A-Za-z0-9%+/_.~-]{32,}/gm;

/** User part of a URL, also with JSON-escaped slashes; `git@` is no secret. A slash ends the search, so it never overlaps. */
const URL_USER = /(:(?:\\?\/){2})(?!(?:git|ssh|\[redacted\])@)[^\s/?#"'<>\\`]+@/gi;
/** Databases' and brokers' URLs, where people leave `/`, `#` and `?` of a password unescaped. */
const STORE_USER =
  /((?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|kafka|nats|clickhouse|sqlserver|ldaps?|smtps?):\/\/)(?!\[redacted\]@)[^\s:@/"'<>]{0,100}:[^\s"'<>@]{1,300}@(?:[^\s/?"'<>@]{1,100}@)?/gi;
const ENCODED_USER = /(%3a%2f%2f)(?!\[redacted\]%40)(?:(?!%2f|%40|%3f)[^\s&"'<>]){1,300}%40/gi;

/** Replaces secrets known by their shape. */
export function redactTokens(text: string): string {
  return text
    .replace(STORE_USER, '$1[redacted]@')
    .replace(URL_USER, '$1[redacted]@')
    .replace(ENCODED_USER, '$1[redacted]%40')
    .replace(SECRET_PATH, '$1[redacted]')
    .replace(WRAPPED_NAME, '$1[redacted]')
    .replace(USER_FLAG, '$1[redacted]')
    .replace(SCHEME, '$1[redacted]')
    .replace(TOKENS, '[redacted]');
}
