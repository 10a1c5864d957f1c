import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import type { KafkaSettings } from './kafka-settings.js';
import './request-queue.js';

/** How long a broker may take to accept a connection and to answer a request, in milliseconds. */
const CONNECT_MS = 3000;
const REQUEST_MS = 8000;

/**
 * The client that everything here shares. It tries things once or twice only: whoever uses it knows what to give up, and
 * waits longer each time. It is silent, since what it would log is reported as a problem.
 */
export function kafkaClient({ brokers, tls, sasl }: KafkaSettings): Kafka {
  return new kafkajs.Kafka({
    clientId: 'netfold',
    brokers: [...brokers],
    connectionTimeout: CONNECT_MS,
    authenticationTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    retry: { retries: 1, initialRetryTime: 100, maxRetryTime: 1000 },
    logLevel: kafkajs.logLevel.NOTHING,
    ...(tls && {
      ssl: {
        ...(tls.ca !== undefined && { ca: [tls.ca] }),
        ...(tls.cert !== undefined && { cert: tls.cert }),
        ...(tls.key !== undefined && { key: tls.key }),
        ...(tls.serverName !== undefined && { servername: tls.serverName }),
      },
    }),
    ...(sasl && { sasl: { ...sasl } as never }),
  });
}

/** Runs something with an admin connection of its own. */
export async function withAdmin<T>(kafka: Kafka, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await use(admin);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
