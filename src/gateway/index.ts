// The gateway for programs that embed it: an HTTP door in front of a router core.

export { startGateway } from './gateway.ts'
export type { Gateway, GatewayOptions } from './gateway.ts'
export type { BookedClient, ClientBook } from './client-book.ts'
export type { MetricsSource } from './metrics-source.ts'
