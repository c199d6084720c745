"""The oracle for Calico and Istio: np-guard's network-config-analyzer, asked by nca.ts in lines of JSON over standard input and output.

A question has `objects` (as the API gives them), `layer` (K8s_Calico or Istio) and `queries` of [namespace/pod, destination, port,
protocol], where the destination is `pod:namespace/name`, `ip:ADDRESS` or `host:NAME` (a host of a ServiceEntry). The answer has a
letter a query: a for allowed, d for denied; or why the analyzer does not take the objects. Egress alone is asked for.
"""
import contextlib
import json
import os
import sys

from nca.CoreDS.ConnectivityProperties import ConnectivityProperties
from nca.CoreDS.Peer import BasePeerSet, DNSEntry, IpBlock, PeerSet
from nca.CoreDS.PortSet import PortSet
from nca.CoreDS.ProtocolSet import ProtocolSet
from nca.NetworkConfig.NetworkLayer import NetworkLayerName
from nca.NetworkConfig.PeerContainer import PeerContainer
from nca.NetworkConfig.PoliciesFinder import PoliciesFinder
from nca.NetworkConfig.TopologyObjectsFinder import NamespacesFinder, PodsFinder, ServicesFinder
from nca.Parsers import IstioGenericYamlParser, IstioSidecarYamlParser
from nca.Utils.NcaLogger import NcaLogger

# Its warnings about what a random configuration does not select.
NcaLogger.log_message = lambda *_, **__: None
# The analyzer has a root namespace of its own; this is Istio's default.
IstioGenericYamlParser.istio_root_namespace = "istio-system"
IstioSidecarYamlParser.istio_root_namespace = "istio-system"


def topology(objects):
    # What endpoints are known is kept in one place for the whole process.
    BasePeerSet.reset()
    BasePeerSet()
    namespaces, pods, services = NamespacesFinder(), PodsFinder(), ServicesFinder()
    pods.namespaces_finder = services.namespaces_finder = namespaces
    for one in objects:
        namespaces.parse_yaml_code_for_ns(one)
    for one in objects:
        pods.add_eps_from_yaml(one)
        services.parse_yaml_code_for_service(one, "question")
    return PeerContainer(pods.peer_set, namespaces.namespaces, services.services_list, pods.representative_peers)


def egress_of(objects, peers, layer):
    finder = PoliciesFinder()
    finder.set_peer_container(peers)
    for one in objects:
        finder.parse_yaml_code_for_policy(one, "question")
    finder.parse_policies_in_parse_queue()
    layers = finder.policies_container.layers
    name = NetworkLayerName[layer]
    found = layers[name] if name in layers else name.create_network_layer([])
    return found._allowed_xgress_conns(False, peers).all_allowed_conns


def peer_of(destination, by_name):
    kind, name = destination.split(":", 1)
    return IpBlock(name + ("/128" if ":" in name else "/32")) if kind == "ip" else by_name[kind + ":" + name]


def packet(source, destination, port, protocol):
    ports = PortSet()
    ports.add_port(port)
    return ConnectivityProperties.make_conn_props_from_dict(
        {
            "src_peers": PeerSet({source}),
            "dst_peers": PeerSet({destination}),
            "protocols": ProtocolSet.get_protocol_set_with_single_protocol(protocol),
            "dst_ports": ports,
        }
    )


def answer(question):
    peers = topology(question["objects"])
    allowed = egress_of(question["objects"], peers, question["layer"])
    by_name = {}
    for peer in peers.peer_set:
        if not isinstance(peer, IpBlock):
            by_name[("host:" if isinstance(peer, DNSEntry) else "pod:") + peer.full_name()] = peer
    letters = []
    for source, destination, port, protocol in question["queries"]:
        asked = packet(by_name["pod:" + source], peer_of(destination, by_name), port, protocol)
        letters.append("a" if asked.contained_in(allowed) else "d")
    return {"verdicts": "".join(letters)}


def main():
    out = sys.stdout
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        for line in sys.stdin:
            # The analyzer's warnings would mix with the answers.
            with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
                try:
                    result = answer(json.loads(line))
                except (SyntaxError, KeyError, ValueError, AssertionError) as problem:
                    result = {"error": f"{type(problem).__name__}: {problem}"}
            out.write(json.dumps(result) + "\n")
            out.flush()


main()
