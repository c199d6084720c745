/** Secrets that are recognised by their own shape, without a name beside them; used by `redact.ts`. */

/**
 * Each alternative is a fixed prefix and then an open run with nothing behind it, so a failed try costs at most the least length.
 * Sources: the vendors' pages on token formats (AWS IAM unique ids, GitHub, GitLab, Slack, npm, PyPI, Google, Stripe, SendGrid,
 * Hugging Face, DigitalOcean, Docker Hub, Vault, Grafana, OpenAI-style `sk-`, Kubernetes bootstrap tokens).
 */
const TOKENS = new RegExp(
  [
    '(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}',
    'gh[pousr]_[A-Za-z0-9]{30,}',
    'github_pat_[A-Za-z0-9_]{22,}',
    'gl(?:pat|dt|rt|cbt|ptt|soat|agent|ft|imt)-[A-Za-z0-9_.-]{16,}',
    'xox[a-z]-[A-Za-z0-9-]{10,}',
    'xapp-[A-Za-z0-9-]{10,}',
    'npm_[A-Za-z0-9]{30,}',
    'pypi-[A-Za-z0-9_-]{40,}',
    'AIza[A-Za-z0-9_-]{30,}',
    'ya29\\.[A-Za-z0-9_.-]{20,}',
    'GOCSPX-[A-Za-z0-9_-]{20,}',
    '[sr]k_(?:live|test)_[A-Za-z0-9]{16,}',
    '(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{20,}',
    'SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}',
    'hf_[A-Za-z0-9]{30,}',
    'do[opr]_v1_[a-f0-9]{40,}',
    'dckr_pat_[A-Za-z0-9_-]{20,}',
    'hv[sbr]\\.[A-Za-z0-9_-]{20,}',
    'glsa_[A-Za-z0-9_]{30,}',
    'dapi[a-f0-9]{32}',
    'eyJ[A-Za-z0-9_-]{14,}(?:\\.[A-Za-z0-9_-]*){0,4}',
  ].join('|'),
  'g',
);

/** `Bearer` and `Basic` credentials; a plain word after them (`Basic authentication`) has neither digit nor inner capital. */
const SCHEME =
  /(\b(?:[Bb]earer|BEARER|[Bb]asic|BASIC|[Nn]egotiate|[Aa]pi[Kk]ey|[Tt]oken)[ \t]{1,4})(?=[A-Za-z0-9._~+/=-]{0,40}[0-9=+/]|[A-Za-z]{1,40}[A-Z])[A-Za-z0-9._~+/=-]{8,}/g;

/** Webhook and bot addresses whose path is the secret. */
const SECRET_PATH =
  /(hooks\.slack\.com\/(?:services|workflows)\/|discord(?:app)?\.com\/api\/webhooks\/|api\.telegram\.org\/bot|webhook\.office\.com\/webhookb2\/)(?!\[redacted\])[^\s"'<>?]+/gi;

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
