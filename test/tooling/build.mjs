/**
 * Bundles src/main.ts and everything it needs from npm into dist/. `dist/main.js` is the program; what it loads on demand
 * (command line, server, Kubernetes client, Git) lies in dist/chunks, because one file was measured to start markedly slower:
 * the file that turns Node's compile cache on is never in the cache itself, and a server that only lists tools would parse a
 * Kubernetes client for nothing. `npm run bench` measures it.
 */
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

// Dependencies in CommonJS call require() for Node's own modules; an ES module has to make that function itself.
const requireShim =
  "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);";

/**
 * The client's package does not say that its modules have no side effects, so 5 MB of generated API models that nothing here
 * uses would be bundled. These are its barrels: files that only re-export.
 */
const leanKubernetesClient = {
  name: 'lean-kubernetes-client',
  setup(bundler) {
    const barrels = /^@kubernetes\/client-node$|^\.\/gen\/index\.js$|^\.\/(api|models\/all)\.js$/;
    bundler.onResolve({ filter: barrels }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === 'resolving') return undefined;
      const resolved = await bundler.resolve(path, { resolveDir, kind, importer, pluginData: 'resolving' });
      return resolved.path.includes('@kubernetes') ? { ...resolved, sideEffects: false } : resolved;
    });
  },
};

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  // Syntax of Node 18, so that an older Node gets as far as the version gate and can say what it lacks.
  target: 'node18',
  minifyWhitespace: true,
  minifySyntax: true,
  keepNames: true,
  legalComments: 'none',
  banner: { js: requireShim },
  write: false,
  plugins: [leanKubernetesClient],
  logLevel: 'warning',
});
// Chunks are named by their content and main.js is put in place last, so a program started from dist/ meanwhile, old or new,
// finds what it imports. What no recent build needs goes.
const STALE_MS = 10 * 60_000;
const chunks = join(root, 'dist/chunks');
await mkdir(chunks, { recursive: true });
const main = outputFiles.find(({ path }) => path === join(root, 'dist/main.js'));
for (const { path, contents } of outputFiles) if (path !== main.path) await replaceFile(path, contents);
await replaceFile(main.path, main.contents, 0o755);

const needed = new Set(outputFiles.map(({ path }) => path));
for (const path of (await readdir(chunks)).map((name) => join(chunks, name))) {
  const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: 0 }))).mtimeMs;
  if (!needed.has(path) && age > STALE_MS) await rm(path, { force: true });
}

async function replaceFile(path, contents, mode = 0o644) {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, contents, { mode });
  await rename(temporary, path);
}
