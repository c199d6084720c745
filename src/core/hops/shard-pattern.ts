/** Names of servers of a pool, whose number changes from answer to answer; asked by `core/remedy/host-advice.ts`. */
import { familyOf } from './known-host.ts';

// Words that operators put before or after the number of a server of a pool.
const POOLED =
  /^(?<before>(?:[a-z]+-)?(?:cdn|edge|shard|node|pop|cache|mirror|static|media|img|dl|download|storage|s|f|n)-?)(?<number>\d{1,4})(?<after>-[a-z0-9]+)?$/;

/**
 * Under these, and under `co.uk` and its like, each name may be another tenant's (publicsuffix.org/list, its most used private domains):
 * besides the zones of the families, and far from all.
 */
const TENANTS =
  /^(?:(?:github|gitlab|glitch)\.io|(?:netlify|vercel|web|fly|deno|run|ondigitalocean|streamlit)\.(?:app|dev)|(?:pages|workers|r2|deno|fly)\.dev|(?:firebaseapp|herokuapp|appspot|blogspot|onrender|wordpress|azurewebsites|azureedge|cloudfront|amazonaws|myshopify|ngrok)\.(?:com|net|io)|(?:com?|net?|org?|gov?|ac|edu)\.[a-z]{2})$/;

/** `cdn-12.vendor.example` → `cdn-*.vendor.example`: tomorrow's answer may name another number. */
export function shardPattern(host: string): string | undefined {
  const [first = '', ...rest] = host.split('.');
  const found = POOLED.exec(first);
  const zone = rest.join('.');
  // `s3` is a kind of service, no third server.
  if (!found || first === 's3' || rest.length < 2 || TENANTS.test(zone)) return undefined;
  if (familyOf(`*.${zone}`) !== undefined) return undefined;
  return [`${found.groups?.['before'] ?? ''}*${found.groups?.['after'] ?? ''}`, zone].join('.');
}
