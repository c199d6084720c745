/**
 * The part of Hubble's observer API that is asked for and read, as a table; `relay-call.ts` encodes and decodes with it. Fields that
 * are not listed are skipped. Names and numbers are those of Cilium's `api/v1/{observer/observer,flow/flow,relay/relay}.proto`, so
 * that a decoded answer is the JSON that `hubble observe -o json` prints.
 */
import { create, createFileRegistry, type DescMessage } from '@bufbuild/protobuf';
import {
  type FieldDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';
import { DROP_REASONS } from './drop-reasons.ts';

/** Name of the field → its number and type; `[]` after a type means repeated. Types with a capital letter are of the tables below. */
type Fields = Readonly<Record<string, readonly [number: number, type: string]>>;

const TIMESTAMP = '.google.protobuf.Timestamp';
const PORTS: Fields = { source_port: [1, 'uint32'], destination_port: [2, 'uint32'] };

const MESSAGES: Readonly<Record<string, Fields>> = {
  GetFlowsRequest: {
    number: [1, 'uint64'],
    first: [9, 'bool'],
    follow: [3, 'bool'],
    whitelist: [6, 'FlowFilter[]'],
    since: [7, TIMESTAMP],
    until: [8, TIMESTAMP],
  },
  FlowFilter: {
    source_pod: [2, 'string[]'],
    destination_pod: [4, 'string[]'],
    verdict: [5, 'Verdict[]'],
    node_name: [24, 'string[]'],
  },
  GetFlowsResponse: {
    flow: [1, 'Flow'],
    node_status: [2, 'NodeStatusEvent'],
    lost_events: [3, 'LostEvent'],
    node_name: [1000, 'string'],
    time: [1001, TIMESTAMP],
  },
  NodeStatusEvent: { state_change: [1, 'NodeState'], node_names: [2, 'string[]'], message: [3, 'string'] },
  LostEvent: { source: [1, 'LostEventSource'], num_events_lost: [2, 'uint64'] },
  Flow: {
    time: [1, TIMESTAMP],
    verdict: [2, 'Verdict'],
    IP: [5, 'IP'],
    l4: [6, 'Layer4'],
    source: [8, 'Endpoint'],
    destination: [9, 'Endpoint'],
    node_name: [11, 'string'],
    destination_names: [14, 'string[]'],
    l7: [15, 'Layer7'],
    event_type: [19, 'CiliumEventType'],
    traffic_direction: [22, 'TrafficDirection'],
    drop_reason_desc: [25, 'DropReason'],
    is_reply: [26, '.google.protobuf.BoolValue'],
    egress_allowed_by: [21001, 'Policy[]'],
    egress_denied_by: [21004, 'Policy[]'],
  },
  IP: { source: [1, 'string'], destination: [2, 'string'] },
  Layer4: { TCP: [1, 'TCP'], UDP: [2, 'UDP'], SCTP: [5, 'SCTP'] },
  TCP: PORTS,
  UDP: PORTS,
  SCTP: PORTS,
  Endpoint: { identity: [2, 'uint32'], namespace: [3, 'string'], labels: [4, 'string[]'], pod_name: [5, 'string'] },
  Layer7: { type: [1, 'L7FlowType'], dns: [100, 'DNS'] },
  DNS: {
    query: [1, 'string'],
    ips: [2, 'string[]'],
    ttl: [3, 'uint32'],
    cnames: [4, 'string[]'],
    rcode: [6, 'uint32'],
  },
  CiliumEventType: { type: [1, 'int32'], sub_type: [2, 'int32'] },
  Policy: { name: [1, 'string'], namespace: [2, 'string'], kind: [5, 'string'] },
};

/** Name of the value → its number. */
const ENUMS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Verdict: {
    VERDICT_UNKNOWN: 0,
    FORWARDED: 1,
    DROPPED: 2,
    ERROR: 3,
    AUDIT: 4,
    REDIRECTED: 5,
    TRACED: 6,
    TRANSLATED: 7,
  },
  TrafficDirection: { TRAFFIC_DIRECTION_UNKNOWN: 0, INGRESS: 1, EGRESS: 2 },
  L7FlowType: { UNKNOWN_L7_TYPE: 0, REQUEST: 1, RESPONSE: 2, SAMPLE: 3 },
  NodeState: { UNKNOWN_NODE_STATE: 0, NODE_CONNECTED: 1, NODE_UNAVAILABLE: 2, NODE_GONE: 3, NODE_ERROR: 4 },
  LostEventSource: {
    UNKNOWN_LOST_EVENT_SOURCE: 0,
    PERF_EVENT_RING_BUFFER: 1,
    OBSERVER_EVENTS_QUEUE: 2,
    HUBBLE_RING_BUFFER: 3,
  },
  DropReason: DROP_REASONS,
};

const SCALARS: Readonly<Record<string, Type>> = {
  string: Type.STRING,
  uint32: Type.UINT32,
  int32: Type.INT32,
  uint64: Type.UINT64,
  bool: Type.BOOL,
};

const PACKAGE = 'observer';

/** One package for all: message names are not on the wire. */
const file: FileDescriptorProto = create(FileDescriptorProtoSchema, {
  name: 'observer.proto',
  package: PACKAGE,
  syntax: 'proto3',
  dependency: [file_google_protobuf_timestamp.proto.name, file_google_protobuf_wrappers.proto.name],
  messageType: Object.entries(MESSAGES).map(([name, fields]) => ({
    name,
    field: Object.entries(fields).map(([field, [number, type]]) => fieldOf(field, number, type)),
  })),
  enumType: Object.entries(ENUMS).map(([name, values]) => ({
    name,
    value: Object.entries(values).map(([value, number]) => ({ name: value, number })),
  })),
});

function typeName(type: string): string {
  return type.startsWith('.') ? type : `.${PACKAGE}.${type}`;
}

function fieldOf(name: string, number: number, declared: string) {
  const repeated = declared.endsWith('[]');
  const type = repeated ? declared.slice(0, -2) : declared;
  const scalar = SCALARS[type];
  const named: Pick<FieldDescriptorProto, 'type'> & Partial<Pick<FieldDescriptorProto, 'typeName'>> =
    scalar === undefined
      ? { type: type in ENUMS ? Type.ENUM : Type.MESSAGE, typeName: typeName(type) }
      : { type: scalar };
  return { name, jsonName: name, number, label: repeated ? Label.REPEATED : Label.OPTIONAL, ...named };
}

const registry = createFileRegistry(
  file,
  (name) =>
    [file_google_protobuf_timestamp, file_google_protobuf_wrappers].find(({ proto }) => proto.name === name)?.proto,
);

function messageOf(name: string): DescMessage {
  const message = registry.getMessage(`${PACKAGE}.${name}`);
  if (message === undefined) throw new Error(`the table of Hubble's API has no ${name}`);
  return message;
}

export const GetFlowsRequest: DescMessage = messageOf('GetFlowsRequest');
export const GetFlowsResponse: DescMessage = messageOf('GetFlowsResponse');

export const GET_FLOWS_PATH = '/observer.Observer/GetFlows';
