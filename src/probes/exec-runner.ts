/** Runs a fixed program in the pod through exec and reports what it saw: the live `ProbeRunner`, constructed by `compose.ts`. */
import { randomBytes } from 'node:crypto';
import type { Read } from '../core/model/cluster-state.ts';
import { ENDED_EARLY, type ProbeEvent, type ProbeReport, type ProbeRequest } from '../core/model/probe.ts';
import type { ExecResult, KubeConnection } from '../kube/connection.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProbeRunner } from '../ports/probe-runner.ts';
import { type Collected, type Collector, createCollector } from './collector.ts';
import { programValues, totalMs } from './guard.ts';
import { noRung, whatOf } from './no-rung.ts';
import { inputFor, STARTS, type Start } from './programs/ladder.ts';
import { literalLookup } from './target-state.ts';

/** Ten targets with certificates and name server answers print some 200 KB. */
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** For the API server, the kubelet, and an interpreter on a throttled CPU. */
const START_MS = 8000;
/** After the end mark the stream should end by itself; some servers keep it open. */
const LINGER_MS = 250;
/** A shell's codes for a command that cannot be run or is not there. */
const NO_COMMAND: ReadonlySet<number> = new Set([126, 127]);

/**
 * One exec detects what the container has and runs the best program (`programs/ladder.ts`); only an image without `sh` costs more.
 * Bad values throw DiagnoseError (usage) before anything is sent; a pod in which nothing can run is a `Read` failure.
 */
export function createProbeRunner(kube: KubeConnection, clock: Clock): ProbeRunner {
  return {
    run: async (request, onEvent, signal) => {
      const values = programValues(request);
      const startedAt = clock.now();
      announceLiterals(request, onEvent);
      for (const start of STARTS) {
        const attempt = await tryTwice({ kube, clock, request, onEvent }, start, values, signal);
        if (attempt === 'not_there') continue;
        if (!attempt.ok) return attempt;
        return {
          ok: true,
          value: { ...attempt.value, startedAt: startedAt.toISOString(), finishedAt: clock.now().toISOString() },
        };
      }
      return noRung(
        request,
        'unsupported',
        'the container has neither a shell nor an interpreter that can probe (a distroless or scratch image)',
      );
    },
  };
}

/** A literal address needs no lookup; whoever waits for one hears at once that there is none to wait for. */
function announceLiterals(request: ProbeRequest, onEvent: (event: ProbeEvent) => void): void {
  for (const { id, host } of request.targets) {
    const lookup = literalLookup(host);
    if (lookup !== undefined) onEvent({ kind: 'lookup', id, lookup });
  }
}

interface Job {
  readonly kube: KubeConnection;
  readonly clock: Clock;
  readonly request: ProbeRequest;
  readonly onEvent: (event: ProbeEvent) => void;
}

type Outcome = Read<Omit<ProbeReport, 'startedAt' | 'finishedAt'>>;

/**
 * A program that cannot be started leaves what was sent to it unread; a kubelet that closes the connection on it resets it, and the
 * API server, which then has no word of an error, tells of a success (5 of 3,600 starts on a busy machine, Kubernetes 1.34).
 * No program of ours ends well without a word, so that is asked once more.
 */
async function tryTwice(
  job: Job,
  start: Start,
  values: readonly string[],
  signal: AbortSignal,
): Promise<Outcome | 'not_there'> {
  const first = await tryStart(job, start, values, signal);
  const attempt = first === 'no_word' ? await tryStart(job, start, values, signal) : first;
  return attempt === 'no_word' ? silent(job.request, { ended: 'exited', exitCode: 0 }) : attempt;
}

async function tryStart(
  job: Job,
  start: Start,
  values: readonly string[],
  signal: AbortSignal,
): Promise<Outcome | 'not_there' | 'no_word'> {
  const nonce = randomBytes(16).toString('hex');
  const linger = createLinger();
  let send: (text: string) => void = () => undefined;
  const collector = createCollector(job.request, nonce, job.clock, {
    event: job.onEvent,
    need: (rung) => send(inputFor(rung) ?? ''),
    done: linger.start,
  });
  const result = await job.kube.exec(
    {
      pod: job.request.pod,
      container: job.request.container,
      argv: [...start.argv, nonce, ...values],
      stdin: start.input,
      holdStdin: true,
      timeoutMs: totalMs(job.request) + START_MS,
      maxOutputBytes: MAX_OUTPUT_BYTES,
      onStdout: (chunk, sendMore) => {
        send = sendMore;
        collector.push(chunk);
      },
    },
    AbortSignal.any([signal, linger.signal]),
  );
  linger.stop();
  return conclude(job.request, collector, result);
}

/** Ends the exec a moment after the end mark. */
function createLinger(): { readonly signal: AbortSignal; readonly start: () => void; readonly stop: () => void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    start: () => {
      timer = setTimeout(() => controller.abort(), LINGER_MS);
    },
    stop: () => clearTimeout(timer),
  };
}

function conclude(
  request: ProbeRequest,
  collector: Collector,
  result: Read<ExecResult>,
): Outcome | 'not_there' | 'no_word' {
  if (!result.ok) return { ok: false, notRead: { ...result.notRead, what: whatOf(request) } };
  const seen = collector.collected();
  const { ended, exitCode, stdout } = result.value;
  if (seen.rung !== undefined || ended === 'aborted') return { ok: true, value: report(request, seen, ended) };
  if (ended === 'exited' && exitCode !== undefined && NO_COMMAND.has(exitCode)) return 'not_there';
  if (ended === 'exited' && exitCode === 0 && stdout === '') return 'no_word';
  return silent(request, result.value);
}

function report(request: ProbeRequest, seen: Collected, ended: ExecResult['ended']) {
  const { rung = 'none', limits, done, ...facts } = seen;
  return {
    pod: request.pod,
    container: request.container,
    rung,
    limits: done ? limits : [...limits, cutShort(ended)],
    ...facts,
  };
}

function cutShort(ended: ExecResult['ended']): string {
  if (ended === 'aborted') return ENDED_EARLY;
  const why: Readonly<Record<typeof ended, string>> = {
    timeout: 'it took too long',
    output_limit: 'the pod printed more than any probe does',
    stream_closed: 'the connection to it was cut',
    exited: 'it ended by itself',
  };
  return `the program did not come to its end (${why[ended]}): steps without a result are not checked`;
}

function silent(request: ProbeRequest, { ended, exitCode }: Pick<ExecResult, 'ended' | 'exitCode'>): Read<never> {
  if (ended === 'timeout') return noRung(request, 'timeout', 'the program in the container printed nothing in time');
  const how = exitCode === undefined ? ended.replace('_', ' ') : `exit code ${exitCode}`;
  return noRung(request, 'invalid', `the program in the container gave no usable output (${how})`);
}
