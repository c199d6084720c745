/** Recording ports, made by `compose.ts`: what a diagnosis on them reads can be written down for `--archive`. */
import type { Diagnosis } from '../core/model/diagnosis.ts';
import type { Deps } from './deps.ts';

/** Ports that remember what they answered. */
export interface Recording {
  readonly deps: Deps;
  /** @throws DiagnoseError usage when the directory cannot take a capture. */
  write(directory: string, made: Pick<Diagnosis, 'asOf' | 'question'>): Promise<void>;
}
