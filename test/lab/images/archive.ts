// Turns a folder into a container image of one layer, as the kind of archive that `ctr images import` takes.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run } from '../tools/run.ts';

export interface ImageSettings {
  readonly name: string;
  readonly environment?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64' };
const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function imageConfig(settings: ImageSettings, layerHash: string): object {
  return {
    architecture: architectures[process.arch] ?? process.arch,
    os: 'linux',
    config: {
      Env: settings.environment ?? [defaultPath],
      Entrypoint: settings.entrypoint ?? null,
      Labels: settings.labels ?? {},
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layerHash}`] },
    history: [{ created_by: 'test/lab' }],
  };
}

/** `root` holds the image's files; `archive` is the file to write. */
export async function archiveImage(root: string, archive: string, settings: ImageSettings): Promise<void> {
  const parts = `${archive}.parts`;
  await mkdir(parts, { recursive: true });
  const layer = join(parts, 'layer.tar');
  // The runtime mounts its own /dev, /proc and /sys.
  const left = ['--exclude=./dev/*', '--exclude=./proc/*', '--exclude=./sys/*'];
  await run('tar', ['--create', '--file', layer, '--numeric-owner', '--sort=name', ...left, '--directory', root, '.']);
  await writeFile(join(parts, 'config.json'), JSON.stringify(imageConfig(settings, await sha256(layer))));
  const manifest = [{ Config: 'config.json', RepoTags: [settings.name], Layers: ['layer.tar'] }];
  await writeFile(join(parts, 'manifest.json'), JSON.stringify(manifest));
  await run('tar', ['--create', '--file', archive, '--directory', parts, 'manifest.json', 'config.json', 'layer.tar']);
  await rm(parts, { recursive: true });
}
