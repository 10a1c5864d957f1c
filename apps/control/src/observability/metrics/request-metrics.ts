import { Counter, Histogram, type Registry } from 'prom-client';
import { BoundedLabel } from './bounded-label.js';
import { SECONDS } from './buckets.js';

/** What people, programs and agents ask of this replica. */
export class RequestMetrics {
  readonly #requests: Counter<'method' | 'route' | 'status'>;
  readonly #seconds: Histogram<'route'>;
  readonly #calls: Counter<'method' | 'code'>;
  readonly #problems: Counter<'surface' | 'code'>;
  readonly #signIns: Counter<'outcome'>;
  readonly #codes = new BoundedLabel(256);
  readonly #outcomes = new BoundedLabel(64);
  readonly #routes = new BoundedLabel(256);

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'netfold_http_requests_total',
      help: 'HTTP requests by route template',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'netfold_http_request_seconds',
      help: 'Time until an HTTP request was answered',
      labelNames: ['route'],
      buckets: SECONDS,
      registers,
    });
    this.#calls = new Counter({
      name: 'netfold_grpc_calls_total',
      help: 'Calls of agents; code: OK, or the problem',
      labelNames: ['method', 'code'],
      registers,
    });
    this.#problems = new Counter({
      name: 'netfold_problems_total',
      help: 'Problems that were answered with, by code',
      labelNames: ['surface', 'code'],
      registers,
    });
    this.#signIns = new Counter({
      name: 'netfold_sign_ins_total',
      help: 'Sign-ins in a browser; outcome: admitted, or the problem',
      labelNames: ['outcome'],
      registers,
    });
  }

  /** @param route its template; undefined: there is none of this path */
  answered(method: string, route: string | undefined, status: number, seconds: number): void {
    const template = route === undefined ? 'none' : this.#routes.of(route);
    this.#requests.inc({ method: METHODS.has(method) ? method : 'other', route: template, status: String(status) });
    this.#seconds.observe({ route: template }, seconds);
  }

  /** A call of an agent has ended. @param problem its code, if it failed */
  called(method: string, problem?: string): void {
    this.#calls.inc({ method, code: problem === undefined ? 'OK' : this.#codes.of(problem) });
    if (problem !== undefined) this.problem('grpc', problem);
  }

  problem(surface: 'http' | 'grpc' | 'page', code: string): void {
    this.#problems.inc({ surface, code: this.#codes.of(code) });
  }

  /** @param problem its code, if somebody was not let in */
  signedIn(problem?: string): void {
    this.#signIns.inc({ outcome: problem === undefined ? 'admitted' : this.#outcomes.of(problem) });
  }
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
