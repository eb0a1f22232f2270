// One of the processes between which crew.ts divides the scenarios. Not meant to be started by hand.
import { mock } from 'node:test'
import type { Job, News } from './crew.ts'
import { play } from './play.ts'

// What a running router reads again and again, it reads in real time. Here a day passes in a second, and a figure asked
// for on one day would arrive on another.
mock.timers.enable({ apis: ['setInterval'] })

process.on('message', (job: Job) => {
  const { name } = job.scenario
  const tell = (news: News): void => void process.send?.(news)
  // A failure ends this process with its stack on stderr, and the crew with it.
  void play(job.scenario, { ...job, onDay: () => tell({ name, type: 'day' }) }).then((result) =>
    tell({ name, type: 'result', result }),
  )
})
