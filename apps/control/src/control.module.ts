import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import type { Logger } from 'pino';
import type { Random } from '#kernel';
import { Nonces } from './auth/nonces.js';
import { ServerSecret } from './auth/server-secret.js';
import { FirstStart } from './bootstrap/first-start.js';
import { ApplyChangeHandler } from './changes/apply-change.js';
import { DueChanges } from './changes/due-changes.js';
import { ListChangesHandler } from './changes/list-changes.js';
import { ProposeChangeHandler } from './changes/propose-change.js';
import { ProposeUndoHandler } from './changes/propose-undo.js';
import { PublishPolicyHandler } from './changes/publish-policy.js';
import { ReviewChangeHandler } from './changes/review-change.js';
import { ShowChangeHandler } from './changes/show-change.js';
import { Notary } from './checkpoint/notary.js';
import { Replicas } from './cluster/replicas.js';
import { BeginLoginHandler } from './commands/begin-login.js';
import { ChangeOwnNodeHandler } from './commands/change-own-node.js';
import { ChangeTailnetHandler } from './commands/change-tailnet.js';
import { ErasePersonHandler } from './commands/erase-person.js';
import { IssueApiTokenHandler } from './commands/issue-api-token.js';
import { IssueAuthKeyHandler } from './commands/issue-auth-key.js';
import { RegisterNodeHandler } from './commands/register-node.js';
import { ServerStatus } from './config/server-status.js';
import { SystemClock } from './config/system-clock.js';
import { DeliveryLog } from './delivery/delivery-log.js';
import { Witnesses } from './delivery/witnesses.js';
import { FlowLog } from './flows/flow-log.js';
import { AgentServer } from './grpc/agent-server.js';
import { ApiTokensController } from './http/api-tokens.controller.js';
import { AuthKeysController } from './http/auth-keys.controller.js';
import { ChangesController } from './http/changes.controller.js';
import { CheckpointsController } from './http/checkpoints.controller.js';
import { EmergencyInterceptor } from './http/emergency-interceptor.js';
import { EventsController } from './http/events.controller.js';
import { HistoryController } from './http/history.controller.js';
import { NodesController } from './http/nodes.controller.js';
import { ObserveController } from './http/observe.controller.js';
import { OpenApiDocument } from './http/open-api.js';
import { PausedInterceptor } from './http/paused-interceptor.js';
import { PolicyController } from './http/policy.controller.js';
import { ProblemFilter } from './http/problem-filter.js';
import { ProjectionsController } from './http/projections.controller.js';
import { ReachController } from './http/reach.controller.js';
import { ReviewsController } from './http/reviews.controller.js';
import { RevisionInterceptor } from './http/revision-interceptor.js';
import { RoutesController } from './http/routes.controller.js';
import { ServerController } from './http/server.controller.js';
import { SettingsController } from './http/settings.controller.js';
import { TokenGuard } from './http/token-guard.js';
import { UsersController } from './http/users.controller.js';
import { AdmitPersonHandler } from './identity/admit-person.js';
import { Identity } from './identity/identity.js';
import { Following } from './ledger/following.js';
import { Ledger } from './ledger/ledger.js';
import { Observability } from './observability/observability.js';
import { People } from './personal-data/people.js';
import { CheckPolicyHandler } from './queries/check-policy.js';
import { ExplainPolicyHandler } from './queries/explain-policy.js';
import { ExplainReachHandler } from './queries/explain-reach.js';
import { ReadLedgerHandler } from './queries/read-ledger.js';
import { ReadMomentHandler } from './queries/read-moment.js';
import { ReadTailnetHandler } from './queries/read-tailnet.js';
import { ShowEventHandler } from './queries/show-event.js';
import { TraceRevisionHandler } from './queries/trace-revision.js';
import { LiveStreams } from './stream/live-streams.js';
import { Tailnets } from './tailnet/tailnets.js';
import { ConsentController } from './web/consent.controller.js';
import { DeviceGrantController } from './web/device-grant.controller.js';
import { LoginController } from './web/login.controller.js';

/** What exists before the framework does, and does not know it. */
export interface ControlParts {
  readonly ledger: Ledger;
  readonly tailnets: Tailnets;
  readonly following: Following;
  readonly replicas: Replicas;
  readonly live: LiveStreams;
  readonly flows: FlowLog;
  readonly delivery: DeliveryLog;
  readonly witnesses: Witnesses;
  readonly notary: Notary;
  readonly secrets: ServerSecret;
  readonly people: People;
  readonly identity: Identity;
  readonly clock: SystemClock;
  readonly random: Random;
  readonly status: ServerStatus;
  readonly observability: Observability;
  readonly logger: Logger;
}

@Module({})
class ControlModule {}

/** Joins the parts to the HTTP API, the gRPC service, and the handlers of commands and queries. */
export function controlModule({
  ledger,
  tailnets,
  following,
  replicas,
  live,
  flows,
  delivery,
  witnesses,
  notary,
  secrets,
  people,
  identity,
  clock,
  random,
  status,
  observability,
  logger,
}: ControlParts): DynamicModule {
  return {
    module: ControlModule,
    imports: [CqrsModule.forRoot()],
    controllers: [
      ServerController,
      NodesController,
      RoutesController,
      PolicyController,
      AuthKeysController,
      ApiTokensController,
      UsersController,
      SettingsController,
      EventsController,
      LoginController,
      ConsentController,
      DeviceGrantController,
      ChangesController,
      ReviewsController,
      ObserveController,
      HistoryController,
      ReachController,
      ProjectionsController,
      CheckpointsController,
    ],
    providers: [
      { provide: Ledger, useValue: ledger },
      { provide: Tailnets, useValue: tailnets },
      { provide: Following, useValue: following },
      { provide: Replicas, useValue: replicas },
      { provide: LiveStreams, useValue: live },
      { provide: FlowLog, useValue: flows },
      { provide: DeliveryLog, useValue: delivery },
      { provide: Witnesses, useValue: witnesses },
      { provide: Notary, useValue: notary },
      { provide: ServerSecret, useValue: secrets },
      { provide: People, useValue: people },
      { provide: Identity, useValue: identity },
      { provide: SystemClock, useValue: clock },
      { provide: ServerStatus, useValue: status },
      { provide: Observability, useValue: observability },
      { provide: Nonces, useValue: new Nonces(secrets.derive('nonces'), clock, random) },
      { provide: APP_GUARD, useClass: TokenGuard },
      { provide: APP_FILTER, useValue: new ProblemFilter(logger, observability.metrics.requests) },
      { provide: APP_INTERCEPTOR, useClass: RevisionInterceptor },
      { provide: APP_INTERCEPTOR, useClass: EmergencyInterceptor },
      { provide: APP_INTERCEPTOR, useClass: PausedInterceptor },
      OpenApiDocument,
      AgentServer,
      FirstStart,
      ChangeTailnetHandler,
      AdmitPersonHandler,
      BeginLoginHandler,
      ErasePersonHandler,
      ChangeOwnNodeHandler,
      RegisterNodeHandler,
      IssueAuthKeyHandler,
      IssueApiTokenHandler,
      ProposeChangeHandler,
      ProposeUndoHandler,
      ReviewChangeHandler,
      ApplyChangeHandler,
      PublishPolicyHandler,
      ShowChangeHandler,
      ListChangesHandler,
      DueChanges,
      ReadTailnetHandler,
      ReadMomentHandler,
      ExplainReachHandler,
      ReadLedgerHandler,
      ShowEventHandler,
      TraceRevisionHandler,
      CheckPolicyHandler,
      ExplainPolicyHandler,
    ],
  };
}
