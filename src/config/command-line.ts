/** Command line → one typed command, or a usage error with the next step; the first thing `cli/run.ts` does. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DiagnoseError } from '../core/errors.ts';
import type { GitFlags } from './git-settings.ts';
import { finalizeSettings, type Settings, type Surroundings } from './settings.ts';

export type Command =
  /** With a tool: what that tool takes. */
  | { readonly kind: 'help'; readonly tool?: string }
  | { readonly kind: 'version' }
  | { readonly kind: 'mcp'; readonly settings: Settings }
  | { readonly kind: 'diagnose'; readonly settings: Settings; readonly input: ToolInput; readonly json: boolean }
  | {
      readonly kind: 'fix';
      readonly settings: Settings;
      readonly input: ToolInput;
      /** Where a person asked for the change to be made: in the working tree, or on a new branch. */
      readonly write?: { readonly branch?: string; readonly accepted?: true };
      readonly json: boolean;
    }
  | { readonly kind: 'call'; readonly settings: Settings; readonly tool: string; readonly input: unknown }
  | {
      readonly kind: 'capture';
      readonly settings: Settings;
      readonly input: ToolInput;
      readonly directory: string;
      readonly json: boolean;
    };

/** Input of a tool as JSON; its schema is checked where every caller's is, in `tools/run-tool.ts`. */
export type ToolInput = Readonly<Record<string, unknown>>;

const CONNECTION = {
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  archive: { type: 'string' },
  'git-host': { type: 'string', multiple: true },
  'git-credentials': { type: 'boolean' },
  'git-render': { type: 'boolean' },
} as const;
/** Not of `capture`, which only reads. */
const EPHEMERAL = { 'allow-ephemeral': { type: 'boolean' }, 'ephemeral-image': { type: 'string' } } as const;
const SERVED = { ...CONNECTION, ...EPHEMERAL } as const;
const ABOUT_POLICIES = {
  ...CONNECTION,
  namespace: { type: 'string', short: 'n' },
  repo: { type: 'string' },
  'repo-ref': { type: 'string' },
  'repo-path': { type: 'string' },
} as const;
const QUESTION = {
  ...ABOUT_POLICIES,
  container: { type: 'string', short: 'c' },
  since: { type: 'string' },
} as const;
/** It asks neither logs nor probes. */
const FIX = {
  ...ABOUT_POLICIES,
  json: { type: 'boolean' },
  write: { type: 'boolean' },
  branch: { type: 'string' },
  'accept-warnings': { type: 'boolean' },
} as const;
const CAPTURE = { ...QUESTION, json: { type: 'boolean' } } as const;
const DIAGNOSE = {
  ...QUESTION,
  ...EPHEMERAL,
  json: { type: 'boolean' },
  'no-probe': { type: 'boolean' },
} as const;

/** @throws DiagnoseError usage COMMAND_UNKNOWN, OPTION_INVALID, ARGUMENTS_MISSING, NAMESPACE_MISSING, JSON_INVALID, FLAGS_CONFLICT. */
export function readCommandLine(argv: readonly string[], around: Surroundings): Command {
  const [name, ...rest] = argv;
  if (name === undefined || argv.some((arg) => arg === '--help' || arg === '-h') || name === 'help')
    return help(name, rest);
  if (name === '--version' || name === '-v' || name === 'version') return { kind: 'version' };
  const read = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (read === undefined) {
    throw usage(
      'COMMAND_UNKNOWN',
      `${JSON.stringify(name.slice(0, 80))} is not a command.`,
      `The commands are ${Object.keys(COMMANDS).join(', ')}; see --help.`,
    );
  }
  return read(rest, around);
}

const COMMANDS: Readonly<Record<string, (args: string[], around: Surroundings) => Command>> = {
  mcp: (args, around) => {
    const { values } = parsed(() => parseArgs({ args, options: SERVED, allowPositionals: false }));
    return { kind: 'mcp', settings: finalizeSettings(values, around) };
  },
  diagnose: (args, around) => {
    const { values, positionals } = parsed(() => parseArgs({ args, options: DIAGNOSE, allowPositionals: true }));
    const [workload, target] = exactly(positionals, ['WORKLOAD', 'TARGET'], 'diagnose -n NAMESPACE WORKLOAD TARGET');
    const probe = values['no-probe'] === true ? { probe: false } : {};
    // A person who gives the flag asks for it, too; a model asks by its argument.
    const ephemeral = values['allow-ephemeral'] === true ? { allowEphemeral: true } : {};
    const input = { ...question(values, around), workload, target, ...probe, ...ephemeral };
    return { kind: 'diagnose', settings: finalizeSettings(values, around), input, json: values.json === true };
  },
  fix: (args, around) => {
    const { values, positionals } = parsed(() => parseArgs({ args, options: FIX, allowPositionals: true }));
    const form = 'fix -n NAMESPACE WORKLOAD TARGET [--repo PATH --write [--branch NAME]]';
    const [workload, target] = exactly(positionals, ['WORKLOAD', 'TARGET'], form);
    const input = { ...question(values, around), workload, target };
    const write = writeOf(values);
    return { kind: 'fix', settings: finalizeSettings(values, around), input, ...write, json: values.json === true };
  },
  call: (args, around) => {
    const { values, positionals } = parsed(() => parseArgs({ args, options: SERVED, allowPositionals: true }));
    const [tool = '', json = '{}', ...extra] = positionals;
    exactly(
      [tool, ...extra].filter((word) => word !== ''),
      ['TOOL'],
      'call TOOL \'{"namespace": …}\'',
    );
    return { kind: 'call', settings: finalizeSettings(values, around), tool, input: parsedJson(json) };
  },
  capture: (args, around) => {
    const { values, positionals } = parsed(() => parseArgs({ args, options: CAPTURE, allowPositionals: true }));
    const form = 'capture -n NAMESPACE WORKLOAD TARGET DIRECTORY';
    const [workload, target, directory = ''] = exactly(positionals, ['WORKLOAD', 'TARGET', 'DIRECTORY'], form);
    const input = { ...question(values, around), workload, target };
    return {
      kind: 'capture',
      settings: finalizeSettings(values, around),
      input,
      directory: resolve(around.cwd, directory),
      json: values.json === true,
    };
  },
};

/** `call TOOL --help` asks about the tool. */
function help(name: string | undefined, rest: readonly string[]): Command {
  const tool = name === 'call' ? rest.find((word) => !word.startsWith('-')) : undefined;
  return { kind: 'help', ...(tool === undefined ? {} : { tool }) };
}

/** Only a local repository is ever written. */
function writeOf(flags: {
  readonly write?: boolean | undefined;
  readonly branch?: string | undefined;
  readonly repo?: string | undefined;
  readonly 'accept-warnings'?: boolean | undefined;
}): Pick<Command & { kind: 'fix' }, 'write'> {
  const { write = false, branch, repo, 'accept-warnings': accepted = false } = flags;
  if (!write && accepted)
    throw usage('OPTION_INVALID', '--accept-warnings is for --write.', 'Add --write, or leave it out.');
  if (!write && branch !== undefined)
    throw usage('OPTION_INVALID', '--branch names where --write commits.', 'Add --write, or leave --branch out.');
  if (!write) return {};
  if (repo === undefined || isRemote(repo))
    throw usage(
      'OPTION_INVALID',
      '--write changes a local repository, and none was given.',
      'Name a clone on this machine: --repo PATH. A remote is never written.',
    );
  return { write: { ...(branch !== undefined && { branch }), ...(accepted && { accepted }) } };
}

type QuestionFlags = { readonly [K in Exclude<keyof typeof QUESTION, keyof GitFlags>]?: string | undefined };

function question(flags: QuestionFlags, around: Surroundings): ToolInput {
  if (flags.namespace === undefined) {
    throw usage('NAMESPACE_MISSING', 'No namespace was given.', 'Name the namespace of the failing pod: -n NAMESPACE.');
  }
  if (flags.repo === undefined && (flags['repo-ref'] ?? flags['repo-path']) !== undefined) {
    throw usage(
      'OPTION_INVALID',
      '--repo-ref and --repo-path say where in a repository to look, and no repository was given.',
      'Name it: --repo URL or --repo PATH.',
    );
  }
  const { namespace, container, since } = flags;
  return {
    namespace,
    ...(container === undefined ? {} : { container }),
    ...(since === undefined ? {} : { since }),
    ...(flags.repo === undefined ? {} : { repository: repositoryOf(flags.repo, flags, around) }),
  };
}

/** A person types `--repo .`; tools take absolute paths only, since a server's working directory means nothing to its client. */
function repositoryOf(repo: string, flags: QuestionFlags, { cwd }: Surroundings): ToolInput {
  const { 'repo-ref': ref, 'repo-path': path } = flags;
  return {
    repository: isRemote(repo) ? repo : resolve(cwd, repo),
    ...(ref === undefined ? {} : { ref }),
    ...(path === undefined ? {} : { path }),
  };
}

/** A URL, or ssh's short form, which git tells from a path by the colon before any slash (git-clone(1), "GIT URLS"). */
function isRemote(repo: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(repo) || /^[^/:\s]+@[^/:\s]+:/.test(repo);
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    // parseArgs explains itself in one sentence and adds a hint about `--` after it.
    const [sentence = ''] = String(error instanceof Error ? error.message : error).split('. To specify');
    throw usage(
      'OPTION_INVALID',
      sentence.endsWith('.') ? sentence : `${sentence}.`,
      'See k8s-egress-diagnose --help.',
    );
  }
}

function exactly(words: readonly string[], names: readonly string[], form: string): readonly string[] {
  if (words.length === names.length) return words;
  const missing = names.slice(words.length).join(' and ');
  const extra = words.slice(names.length).map((word) => JSON.stringify(word.slice(0, 80)));
  const rule = missing === '' ? `unexpected ${extra.join(', ')}` : `${missing} is missing`;
  throw usage('ARGUMENTS_MISSING', `${rule}.`, `Use: k8s-egress-diagnose ${form}`);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw usage(
      'JSON_INVALID',
      `The tool's input is not JSON: ${why}.`,
      `Quote it for the shell: '{"namespace": "shop", "workload": "checkout"}'.`,
    );
  }
}

function usage(code: string, message: string, nextStep: string): DiagnoseError {
  return new DiagnoseError('usage', code, message, nextStep);
}
