import { isRouterError } from '../errors.ts'
import { createProgram } from './program.ts'

const codes: Readonly<Record<string, number>> = { WrongUsage: 2, Cancelled: 130 }

/** Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 130 Ctrl-C. */
export async function run(argv: readonly string[]): Promise<void> {
  // `switchyard keys | head -1`: who reads our output may stop early.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  try {
    // What a shell asks while somebody types (`switchyard completion`).
    if (argv[2] === 'complete') return (await import('./complete.ts')).complete(argv)
    const services = argv.includes('init') ? (await import('../providers/index.ts')).providers : []
    await createProgram({ services }).parseAsync([...argv])
  } catch (error) {
    // What we foresaw is told in its own words; anything else is a bug and keeps its stack.
    console.error(isRouterError(error) ? `switchyard: ${error.message}` : error)
    process.exitCode = (isRouterError(error) ? codes[error.name] : undefined) ?? 1
  }
}
