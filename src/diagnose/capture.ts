/** Runs a diagnosis on recording ports and writes down what it read, so that `--archive` replays it offline: `capture`. */
import type { Diagnosis } from '../core/model/diagnosis.ts';
import type { Deps, Run } from './deps.ts';
import type { DiagnoseInput } from './diagnose-egress.ts';
import { diagnoseEgress } from './diagnose-egress.ts';

/** Ports that remember what they answered; made by `compose.ts` from `archive/`. */
export interface Recording {
  readonly deps: Deps;
  /** @throws DiagnoseError usage when the directory cannot take a capture. */
  write(directory: string, diagnosis: Diagnosis): Promise<void>;
}

export async function capture(
  recording: Recording,
  input: DiagnoseInput,
  directory: string,
  run: Run,
): Promise<Diagnosis> {
  const diagnosis = await diagnoseEgress(recording.deps, input, run);
  run.progress(`Writing the capture to ${directory}`);
  await recording.write(directory, diagnosis);
  return diagnosis;
}
