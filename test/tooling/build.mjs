/**
 * Bundles src/main.ts and everything it needs from npm into dist/. `dist/main.js` is the program; what it loads on demand
 * (command line, server, Kubernetes client, Git) lies in dist/chunks, because one file was measured to start markedly slower:
 * the file that turns Node's compile cache on is never in the cache itself, and a server that only lists tools would parse a
 * Kubernetes client for nothing. `npm run bench` measures it.
 */
import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

// Dependencies in CommonJS call require() for Node's own modules; an ES module has to make that function itself.
const requireShim =
  "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);";

/**
 * The client's package does not say that its modules have no side effects, so 5 MB of generated API models that nothing here
 * uses would be bundled. Only its polyfill has an effect.
 */
const leanKubernetesClient = {
  name: 'lean-kubernetes-client',
  setup(bundler) {
    bundler.onResolve(
      { filter: /^\.|^@kubernetes\/client-node$/ },
      async ({ path, importer, resolveDir, kind, pluginData }) => {
        const ofClient = path.startsWith('@kubernetes/') || importer.includes('@kubernetes/client-node');
        if (pluginData === 'resolving' || !ofClient) return undefined;
        const resolved = await bundler.resolve(path, { resolveDir, kind, importer, pluginData: 'resolving' });
        return { ...resolved, sideEffects: path.includes('polyfill') };
      },
    );
  },
};

const { metafile } = await build({
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
  metafile: true,
  plugins: [leanKubernetesClient],
  logLevel: 'warning',
});
// After, not before: a server that runs from dist/ meanwhile keeps finding its chunks.
const written = new Set(Object.keys(metafile.outputs));
for (const name of await readdir(join(root, 'dist/chunks'))) {
  if (!written.has(`dist/chunks/${name}`)) await rm(join(root, 'dist/chunks', name), { force: true });
}
await chmod(join(root, 'dist/main.js'), 0o755);
