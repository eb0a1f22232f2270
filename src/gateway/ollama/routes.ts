import type { Route } from '../route.ts'
import { inferenceOrLoad } from './load.ts'
import { pull, unmanaged } from './manage.ts'
import { show, tags } from './models.ts'
import { apiVersion, root, running } from './probes.ts'

/** The gateway as an Ollama server. */
export const ollamaRoutes: readonly Route[] = [
  { method: 'GET', path: '/', access: 'none', handle: root },
  { method: 'GET', path: '/api/version', access: 'none', handle: apiVersion },
  { method: 'GET', path: '/api/tags', access: 'client', handle: tags },
  { method: 'GET', path: '/api/ps', access: 'client', handle: running },
  { method: 'POST', path: '/api/show', access: 'client', handle: show },
  { method: 'POST', path: '/api/chat', access: 'client', handle: inferenceOrLoad('ollama') },
  { method: 'POST', path: '/api/generate', access: 'client', handle: inferenceOrLoad('ollama-generate') },
  { method: 'POST', path: '/api/embed', access: 'client', handle: inferenceOrLoad('ollama-embed') },
  { method: 'POST', path: '/api/embeddings', access: 'client', handle: inferenceOrLoad('ollama-embeddings') },
  { method: 'POST', path: '/api/pull', access: 'client', handle: pull },
  ...unmanaged,
]
