/** Recognises the kubelet's ways of saying that a container is not there or not running, for logs and exec alike. */
import type { NotRead } from '../core/model/cluster-state.ts';

interface Problem {
  readonly text: RegExp;
  /** The same in words of ours. */
  readonly words: string;
  readonly code: NotRead['code'];
  readonly nextStep: string;
}

/** Texts of kube-apiserver (registry/core/pod/strategy.go, rest) and kubelet (server.go, kuberuntime). */
const PROBLEMS: readonly Problem[] = [
  {
    text: /is not valid for pod|container not found|unable to find container|a container name must be specified/i,
    words: 'the pod has no such container, or it is not there yet',
    code: 'not_found',
    nextStep: 'Name one of its containers: kubectl get pod NAME -o jsonpath={.spec.containers[*].name} lists them.',
  },
  {
    text: /previous terminated container/i,
    words: 'the container has no previous instance',
    code: 'not_found',
    nextStep: 'Nothing to do: the container has not been restarted, or its last instance is cleaned up already.',
  },
  {
    text: /waiting to start|container is not created or running|container not running|completed pod|is not running/i,
    words: 'the container is not running',
    code: 'refused',
    nextStep: 'The container is not running: kubectl describe pod shows why; try again once it runs.',
  },
  {
    text: /error dialing backend|dial tcp|proxy error|no preferred addresses|unable to upgrade connection: (?:Post|dial)/i,
    words: "the API server cannot reach the kubelet of the pod's node",
    code: 'unreachable',
    nextStep:
      "The API server cannot reach the pod's node: check the node (kubectl get node -o wide) and its kubelet port 10250.",
  },
];

/** The same refusal with code and next step set where its text is known. */
export function podProblem(notRead: NotRead): NotRead {
  if (notRead.code === 'forbidden') return notRead;
  const { reason, said } = notRead;
  const problem = PROBLEMS.find(({ text }) => text.test(said ?? reason));
  if (problem === undefined) return notRead;
  const { code, nextStep, words } = problem;
  return { ...notRead, code, nextStep, ...(said === undefined ? {} : { reason: words }) };
}
