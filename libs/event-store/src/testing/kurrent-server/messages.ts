import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Expectation } from './kurrent-log.js';
import type { LogRecord, Proposed } from './log-record.js';

// Between the messages of event_store.client and what the log has.

export type ReadRequest = InstanceType<typeof streams.ReadReq>;
export type ReadAnswer = InstanceType<typeof streams.ReadResp>;
export type AppendRequest = InstanceType<typeof streams.AppendReq>;
export type AppendAnswer = InstanceType<typeof streams.AppendResp>;

/** The answers that show records, which are asked for again and again. */
const shown = new WeakMap<LogRecord, Uint8Array>();

/** An answer of the streams service as it goes over the wire. */
export function encodeAnswer(answer: ReadAnswer | LogRecord): Buffer {
  if ('serializeBinary' in answer) return Buffer.from(answer.serializeBinary());
  const known = shown.get(answer) ?? readEvent(answer).serializeBinary();
  shown.set(answer, known);
  return Buffer.from(known);
}

function readEvent(record: LogRecord): ReadAnswer {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent();
  recorded.setId(new shared.UUID().setString(record.id));
  recorded.setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(record.stream)));
  recorded.setStreamRevision(String(record.revision));
  recorded.setCommitPosition(String(record.position));
  recorded.setPreparePosition(String(record.position));
  for (const [name, value] of record.metadata) recorded.getMetadataMap().set(name, value);
  recorded.getMetadataMap().set('created', '17935200000000000');
  recorded.setCustomMetadata(record.custom);
  recorded.setData(record.data);
  const event = new streams.ReadResp.ReadEvent();
  event.setEvent(recorded);
  event.setCommitPosition(String(record.position));
  return new streams.ReadResp().setEvent(event);
}

export const confirmation = (id: string): ReadAnswer =>
  new streams.ReadResp().setConfirmation(new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(id));

/** Up to where a filter has looked; it need not be an event that passed. */
export function checkpoint(position: number): ReadAnswer {
  const at = new streams.ReadResp.Checkpoint().setCommitPosition(String(position));
  return new streams.ReadResp().setCheckpoint(at.setPreparePosition(String(position)));
}

/** A subscription has brought what was there. */
export const caughtUp = (): ReadAnswer => new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp());

export const streamNotFound = (stream: string): ReadAnswer =>
  new streams.ReadResp().setStreamNotFound(
    new streams.ReadResp.StreamNotFound().setStreamIdentifier(
      new shared.StreamIdentifier().setStreamName(Buffer.from(stream)),
    ),
  );

export function proposedIn(message: AppendRequest): Proposed | undefined {
  const proposed = message.getProposedMessage();
  if (!proposed) return undefined;
  const metadata = new Map<string, string>();
  proposed.getMetadataMap().forEach((value: string, name: string) => {
    metadata.set(name, value);
  });
  return {
    id: uuidOf(proposed.getId()),
    metadata,
    custom: proposed.getCustomMetadata_asU8(),
    data: proposed.getData_asU8(),
  };
}

/** Either its text or two signed halves. */
function uuidOf(id: InstanceType<typeof shared.UUID> | undefined): string {
  const halves = id?.getStructured();
  if (!halves) return id?.getString() ?? '';
  const hex = [halves.getMostSignificantBits(), halves.getLeastSignificantBits()]
    .map((half) => BigInt.asUintN(64, BigInt(half)).toString(16).padStart(16, '0'))
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

export interface AppendTarget {
  readonly stream: string;
  readonly expected: Expectation;
}

export function targetIn(message: AppendRequest): AppendTarget | undefined {
  const options = message.getOptions();
  if (!options) return undefined;
  const stream = Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
  if (options.hasRevision()) return { stream, expected: Number(options.getRevision()) };
  if (options.hasNoStream()) return { stream, expected: 'none' };
  return { stream, expected: options.hasStreamExists() ? 'exists' : 'any' };
}

export function appended({ revision, position }: Pick<LogRecord, 'revision' | 'position'>): AppendAnswer {
  const at = new streams.AppendResp.Position();
  at.setCommitPosition(String(position));
  at.setPreparePosition(String(position));
  const success = new streams.AppendResp.Success();
  success.setCurrentRevision(String(revision));
  success.setPosition(at);
  return new streams.AppendResp().setSuccess(success);
}

export function wrongVersion(expected: Expectation, current: number): AppendAnswer {
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (current < 0) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(current));
  if (typeof expected === 'number') wrong.setExpectedRevision(String(expected));
  else wrong.setExpectedNoStream(new shared.Empty());
  return new streams.AppendResp().setWrongExpectedVersion(wrong);
}

export type ClusterAnswer = InstanceType<typeof gossip.ClusterInfo>;

/** A member of a cluster on this machine, and whether it leads. */
export interface Member {
  readonly port: number;
  readonly leads: boolean;
}

export function clusterInfo(members: readonly Member[]): ClusterAnswer {
  const { LEADER, FOLLOWER } = gossip.MemberInfo.VNodeState;
  const list = members.map(({ port, leads }) => {
    const member = new gossip.MemberInfo();
    member.setInstanceId(new shared.UUID().setString(crypto.randomUUID()));
    member.setState(leads ? LEADER : FOLLOWER);
    member.setIsAlive(true);
    const endPoint = new gossip.EndPoint();
    endPoint.setAddress('127.0.0.1');
    endPoint.setPort(port);
    member.setHttpEndPoint(endPoint);
    return member;
  });
  const info = new gossip.ClusterInfo();
  info.setMembersList(list);
  return info;
}
