// A small JDK: what compiles and runs one source file and opens connections, without the rest.
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../tools/run.ts';
import { runInParts, takeParts } from './debian-parts.ts';

const home = '/usr/lib/jvm/java-17-openjdk-amd64';
const modules = [
  'java.base',
  'java.net.http',
  'jdk.naming.dns',
  'jdk.compiler',
  'jdk.crypto.ec',
  'jdk.zipfs',
  'jdk.jshell',
];
const made = '/tmp/java';

export async function fillJava(parts: string, root: string, internetCa: string): Promise<void> {
  await rm(join(parts, made), { recursive: true, force: true });
  const lean = ['--strip-java-debug-attributes', '--no-header-files', '--no-man-pages'];
  await runInParts(parts, [`${home}/bin/jlink`, '--add-modules', modules.join(), ...lean, '--output', made]);
  // As whole JDKs have it; without it a start takes twice as long.
  await runInParts(parts, [`${made}/bin/java`, '-Xshare:dump']);
  await run('cp', [internetCa, join(parts, 'tmp/internet-ca.pem')]);
  const trust = ['-importcert', '-noprompt', '-alias', 'lab', '-file', '/tmp/internet-ca.pem'];
  const store = ['-keystore', `${made}/lib/security/cacerts`, '-storepass', 'changeit'];
  await runInParts(parts, [`${home}/bin/keytool`, ...trust, ...store]);
  // The others need these two, or are found beside them; compressed archives need zlib.
  const programs = [`${made}/bin/java`, `${made}/lib/server/libjvm.so`, '/lib/x86_64-linux-gnu/libz.so.1'];
  await takeParts(parts, root, { programs });
  await rm(join(root, 'tmp/java'), { recursive: true });
  await cp(join(parts, made), join(root, 'opt/java'), { recursive: true });
  await rm(join(parts, made), { recursive: true });
}
