/** What `--help` prints; the tools' lines come from the registry. */
import { DEBUG_IMAGE } from '../core/path/debug-container.ts';
import { jsonSchemaOf } from '../tools/json-schema.ts';
import { TOOLS } from '../tools/registry.ts';
import { unknownTool } from '../tools/run-tool.ts';

export function helpText(version: string): string {
  return `k8s-egress-diagnose ${version}: why can't this pod reach that endpoint, and what is the smallest fix?

Usage
  k8s-egress-diagnose diagnose -n NAMESPACE WORKLOAD TARGET   a report for people (--json for programs)
  k8s-egress-diagnose fix -n NAMESPACE WORKLOAD TARGET        the smallest policy change, as a diff
  k8s-egress-diagnose mcp                                     an MCP server on standard input and output
  k8s-egress-diagnose call TOOL '{"…": …}'                    one tool, its structured result as JSON;
                                                              call TOOL --help shows its fields
  k8s-egress-diagnose capture -n NAMESPACE WORKLOAD TARGET DIRECTORY
                                                              record what a diagnosis reads, for --archive

WORKLOAD is POD, pod/NAME, deploy/NAME, sts/NAME, ds/NAME, rs/NAME or job/NAME.
TARGET is HOST[:PORT], an IP address or a URL; the port is 443 when absent.

Options of diagnose, fix and capture
  -n, --namespace NAME     namespace of the failing pod
      --repo URL|PATH      Git repository with the policies; --repo-ref REF, --repo-path FOLDER
      --json               the structured result
Options of diagnose and capture
  -c, --container NAME     container to probe from
      --since 1h           how far back logs and flows are read (30s, 10m, 1h, 2d)
Options of diagnose
      --no-probe           run nothing in the pod
Options of fix
      --write              make the change in the working tree that --repo names (a path, not a URL),
                           if the file there is as committed
      --accept-warnings    make it although it opens more than was asked for, or weakens a deny
      --branch NAME        commit it on this new branch instead; nothing is checked out or pushed

Options of diagnose, call and mcp
      --allow-ephemeral    where no container can probe, an ephemeral one may be added;
                           it cannot be removed until the pod is replaced
      --ephemeral-image IMAGE
                           its image, with sh and sleep (default ${DEBUG_IMAGE})

Options of every command
      --kubeconfig FILE    instead of KUBECONFIG or ~/.kube/config
      --context NAME       instead of the current context
      --archive DIRECTORY  answer from a capture or a directory of manifests; no cluster is contacted
      --git-host HOST      Git server (HOST or HOST:PORT, repeatable) that may get EGRESS_DIAGNOSE_GIT_TOKEN
                           and be reached by ssh
      --git-credentials    ask git's credential helpers for those hosts
      --git-render         run helm on charts of the repository

Tools
${TOOLS.map(({ name, title }) => `  ${name.padEnd(20)} ${title}`).join('\n')}

Exit codes
  0 reachable (or done)   1 cause found   2 undetermined   64 wrong usage   70 a fault of this program
Progress goes to standard error, results alone to standard output.
`;
}

/** What `call TOOL --help` prints: its input as the JSON Schema that MCP clients see. */
export function toolHelp(name: string): string {
  const tool = TOOLS.find((candidate) => candidate.name === name);
  if (tool === undefined) throw unknownTool(name);
  const { title, description, input } = tool;
  return `${name}: ${title}\n\n${description}\n\nInput:\n${JSON.stringify(jsonSchemaOf(input, 'input'), null, 2)}\n`;
}
