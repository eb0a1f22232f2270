// The yardstick: node:http in, undici dispatch out, bytes as they come; no keys, no ledger, no checks.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Dispatcher, Pool } from 'undici'

const pool = new Pool(process.argv[2] ?? '', { connections: null, allowH2: false })

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    let queued: Buffer[] = []
    const flush = (): void => {
      if (queued.length > 0) response.write(Buffer.concat(queued))
      queued = []
    }
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {},
      onResponseStart(_, status, headers) {
        response.writeHead(status, { 'content-type': String(headers['content-type']) })
      },
      onResponseData(_, chunk) {
        if (queued.length === 0) process.nextTick(flush)
        queued.push(chunk)
      },
      onResponseEnd() {
        flush()
        response.end()
      },
      onResponseError: () => response.destroy(),
    }
    pool.dispatch(
      {
        method: 'POST',
        path: request.url ?? '/',
        body: Buffer.concat(chunks),
        headers: { 'content-type': 'application/json' },
      },
      handler,
    )
  })
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
