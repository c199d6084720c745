// One `up` or `down` at a time on this machine, of whichever cluster: they build into one cache. The lock is a socket, which the kernel closes however its process ends.
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './progress.ts';

// The zero byte makes it a name in the network namespace, not a file that could be left behind.
const name = '\0k8s-egress-lab-lock';

/** The server that holds the lock, or undefined if another process has it. */
function take(): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('listening', () => resolve(server));
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(name);
  });
}

async function acquire(): Promise<Server> {
  let lock = await take();
  if (lock === undefined) say('waiting for another process, which is working on the lab');
  while (lock === undefined) {
    await sleep(250);
    lock = await take();
  }
  return lock;
}

export async function withLock<T>(work: () => Promise<T>): Promise<T> {
  const lock = await acquire();
  try {
    return await work();
  } finally {
    lock.close();
  }
}
