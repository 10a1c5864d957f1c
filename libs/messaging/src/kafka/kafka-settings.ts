/** How to reach a Kafka cluster, and as whom. */
export interface KafkaSettings {
  /** `host:port` of a few brokers; they name the others. */
  readonly brokers: readonly string[];
  /** Undefined for an unencrypted connection; an empty object trusts what this machine trusts. */
  readonly tls?: {
    /** PEM texts. */
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    /** The name that the brokers' certificates carry, when it is not their host. */
    readonly serverName?: string;
  };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** What the names of consumer groups begin with, for clusters that allow groups by prefix; `netfold` by default. */
  readonly groupPrefix?: string;
  /** How many partitions a topic gets that is made by this program; 6 by default. */
  readonly partitions?: number;
  /** How many brokers hold a topic that is made by this program; by default what the cluster does. */
  readonly replicationFactor?: number;
}
