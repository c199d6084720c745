/** What real clients printed in the lab's failing endpoints (`test/lab-samples`), and what a reader can learn from their words. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LogFailure } from '../../../src/core/model/logs.ts';
import { analyse } from './support/analyse.ts';

type Essence = Partial<Pick<LogFailure, 'class' | 'host' | 'port' | 'address' | 'library'>>;

interface Sample {
  readonly file: string;
  readonly client: string;
  readonly version: string;
  readonly case: string;
  readonly command: string;
  readonly expect: Essence & { readonly also?: LogFailure['class']; readonly apart?: Essence };
}

const DIR = new URL('../../fixtures/logs/', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, DIR), 'utf8');
const samples = JSON.parse(read('manifest.json')) as readonly Sample[];
const clients = [...new Set(samples.map(({ client }) => client))];
const SIGNED = /X-Amz-Signature=(?!\[redacted\])|AKIALABLABLABLAB0000|sig=bGFi/;

const essence = ({ class: kind, host, port, address, library }: LogFailure): Essence => ({
  class: kind,
  ...(host !== undefined && { host }),
  ...(port !== undefined && { port }),
  ...(address !== undefined && { address }),
  ...(library !== undefined && { library }),
});

describe('samples of real clients', () => {
  it('has a row for every file and a file for every row', () => {
    const files = readdirSync(DIR, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.txt'));
    expect(files.toSorted()).toEqual(samples.map(({ file }) => file).toSorted());
    expect(clients.length).toBeGreaterThanOrEqual(30);
  });

  it('expects no less than the words tell: a host that stands there is expected', () => {
    for (const { file, expect: told } of samples) {
      for (const [, name] of read(file).matchAll(
        /(?<![\w-])((?!proxy|redirects)[a-z-]+\.(?:matrix|elsewhere)\.example)\b/g,
      ))
        expect([file, told.host ?? told.apart?.host]).toEqual([file, name]);
    }
  });

  it('holds no path and no name of the machine that they were taken on, and nothing huge', () => {
    for (const { file } of samples) {
      const text = read(file);
      expect([file, text.length > 0 && text.length <= 12_000]).toEqual([file, true]);
      expect([
        file,
        text.match(/\/(?:work|root|tmp|home)\/\S*|\bpyenv\b|\/\/(?!\S*\.example)\S*registry\S*/)?.[0],
      ]).toEqual([file, undefined]);
    }
  });

  describe.each(clients)('%s', (client) => {
    it.each(samples.filter((sample) => sample.client === client))(
      '$case',
      ({ file, expect: { also, apart, ...told } }) => {
        const { failures, urls } = analyse(read(file), 'app');
        expect(JSON.stringify({ failures, urls })).not.toMatch(SIGNED);
        expect(failures.map(essence)).toContainEqual(told);
        if (apart) expect(failures).toContainEqual(expect.objectContaining(apart));
        const contradict = failures.filter(
          ({ class: kind }) => kind !== told.class && kind !== also && kind !== 'other',
        );
        expect(contradict).toEqual([]);
      },
    );
  });
});
