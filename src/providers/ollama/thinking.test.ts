import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../../chat/types.ts'
import type { ModelInfo } from '../provider.ts'
import { thinkingFor } from './thinking.ts'

const model = (facts: Partial<ModelInfo>): ModelInfo => ({ id: 'some:1b', free: false, ...facts })

test('what a model does not know is said in the nearest way it does', () => {
  const table: readonly (readonly [Json | undefined, ModelInfo | undefined, Json | undefined])[] = [
    ['high', undefined, undefined],
    [undefined, model({ capabilities: [] }), undefined],
    ['high', model({}), undefined],
    ['high', model({ capabilities: ['tools'] }), null],
    [false, model({ capabilities: ['tools'] }), null],
    ['high', model({ capabilities: ['reasoning'] }), undefined],
    ['max', model({ thinking: ['low', 'medium', 'high'] }), 'high'],
    [false, model({ thinking: ['low', 'medium', 'high'] }), 'low'],
    [true, model({ thinking: ['low', 'medium', 'high'] }), 'medium'],
    ['low', model({ thinking: [false, true] }), true],
    [false, model({ thinking: [false, true] }), undefined],
    [true, model({ thinking: [false] }), null],
    ['max', model({ id: 'gpt-oss:120b' }), 'high'],
    [false, model({ id: 'gpt-oss:20b', capabilities: ['reasoning'] }), 'low'],
    ['medium', model({ id: 'gpt-oss:20b' }), undefined],
  ]
  for (const [asked, info, said] of table)
    assert.equal(thinkingFor(asked, info), said, JSON.stringify([asked, info]))
})
