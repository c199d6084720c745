/**
 * Bundles src/main.ts and everything it needs from npm into the one file dist/main.js. What is imported on demand (server,
 * Kubernetes client, Git) is in it too, but evaluated only when asked for. `npm run bench` measures the start.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
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
  outfile: 'dist/main.js',
  bundle: true,
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
// Replaced whole: a program that starts meanwhile reads the old file or the new one.
await mkdir(join(root, 'dist'), { recursive: true });
const [main] = outputFiles;
await replaceFile(main.path, main.contents, 0o755);

async function replaceFile(path, contents, mode) {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, contents, { mode });
  await rename(temporary, path);
}
