/** Keys under which `EngineFacts.config` holds what aws-node's DaemonSet and the nodes tell, beside the ConfigMap's own keys. */

/** `true` or `false`, or `absent` where the DaemonSet has no such container. */
export const NODE_AGENT = 'aws-eks-nodeagent --enable-network-policy';
/** `standard` or `strict`. */
export const ENFORCING_MODE = 'aws-node NETWORK_POLICY_ENFORCING_MODE';
/** `true` where the pod's node belongs to EKS Auto Mode. */
export const AUTO_MODE = 'eks.amazonaws.com/compute-type=auto';
