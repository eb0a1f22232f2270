import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** A connection opened longer ago than this waited for its request, not the request for the connection. */
const longestSetupMs = 100

/**
 * When calls were sent, on the performance clock. A client opens a connection because it has a call to send, so the
 * first call on a connection was on its way when the connection was opened.
 */
export function watchConnections(server: Server): (socket: Socket) => number {
  const openedAt = new WeakMap<Socket, number>()
  server.on('connection', (socket: Socket) => openedAt.set(socket, performance.now()))
  return (socket) => {
    const now = performance.now()
    const opened = openedAt.get(socket)
    openedAt.delete(socket)
    return opened === undefined ? now : Math.max(opened, now - longestSetupMs)
  }
}
