using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AgentKit.Eval.Runs;
using AgentKit.Eval.Subjects;
using AgentKit.Eval.Tasks;
using AgentKit.Eval.Tasks.Judging;
using AgentKit.Kernel.Errors;

namespace AgentKit.Eval;

/// <summary>
/// Runs tasks on a model. Every sample is on disk as soon as it is graded; a run that was killed goes on where it stood and ends with the
/// same files, byte for byte, as one that was not. A sample that fails is listed and counted apart from wrong answers; the others go on.
/// </summary>
/// <param name="subject">The model under test.</param>
/// <param name="options">How tasks are run.</param>
public sealed class EvalRun(IEvalSubject subject, EvalOptions? options = null)
{
    private readonly IEvalSubject _subject = subject ?? throw new ArgumentNullException(nameof(subject));
    private readonly EvalOptions _options = options ?? new();

    /// <summary>All about model and run that the numbers depend on.</summary>
    public string Signature =>
        $"{_subject.Signature}|shots:{Text(_options.Shots) ?? "task"}|seed:{_options.Seed}|limit:{Text(_options.Limit) ?? "all"}"
        + $"|shard:{_options.Shard}/{_options.Shards}|attempts:{_options.Attempts}|version:{RunManifest.Version}";

    /// <summary>Runs tasks.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <param name="data">Where their samples come from.</param>
    /// <param name="path">The run's folder.</param>
    /// <param name="progress">Told after each sample.</param>
    /// <param name="cancellationToken">Cancels between samples; what is graded stays.</param>
    /// <exception cref="UserInputException">
    /// Data is missing or damaged, the folder holds another run, a task cannot be run like this, or every sample of every task failed.
    /// </exception>
    public async Task<EvalResult> RunAsync(
        IReadOnlyList<EvalTask> tasks, TaskData data, string path, IProgress<EvalProgress>? progress = null,
            CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(data);
        Check(tasks);

        // 1. load: all data is read before the first question is asked, so that a missing file costs no time
        LoadedTask[] loaded = [.. tasks.Select(task => Load(task, data))];
        var manifest = new RunManifest(RunManifest.Version, Signature, loaded.ToDictionary(one => one.Label, one => one.Signature));
        using RunFolder folder = RunFolder.Open(path, manifest, _options.Resume);
        folder.RemoveResults();
        JudgeCheck? judge = tasks.Any(task => task.NeedsJudge) ? await JudgeAsync(folder, data, cancellationToken).ConfigureAwait(false) : null;

        List<TaskResult> results = [];
        List<FailedTask> failed = [];
        foreach (LoadedTask task in loaded)
        {
            using var log = new SampleLog(folder.PathOf(SampleLog.NameOf(task.Label)));
            try
            {
                await RunAsync(task, log, progress, cancellationToken).ConfigureAwait(false);
                IReadOnlyList<SampleRecord> records = log.Finish(task.Samples.Select(one => one.Sample.Id));
                if (records.All(record => record.Error is not null))
                {
                    failed.Add(new(task.Label, task.Task.Definition.Version, records.Count, task.Signature, Failures(records)));
                    continue;
                }

                BatchingDifference? batching = await CompareAsync(task, records, cancellationToken).ConfigureAwait(false);

                // 6. aggregate with intervals
                results.Add(Aggregate(task, records) with { Batching = batching });
            }
            finally
            {
                task.Task.Release();
            }
        }

        if (results.Count == 0) throw Nothing(failed[0]);
        EvalResult result = new(results, Signature) { Failed = failed, Judge = judge };
        folder.WriteResults(result);
        return result;
    }

    private async Task RunAsync(LoadedTask task, SampleLog log, IProgress<EvalProgress>? progress, CancellationToken cancellationToken)
    {
        int done = 0, errors = 0;
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = _options.Parallel, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(task.Samples, parallel, async (one, stop) =>
        {
            // 2. render
            EvalPrompt prompt = task.Task.Render(one.Sample, one.Examples, _subject.IsChat);
            string key = Key(task, one.Sample, prompt);
            if (log.Find(one.Sample.Id, key) is null)
            {
                SampleRecord record = await AskAsync(_subject, task.Task, one.Sample, prompt, key, stop).ConfigureAwait(false);

                // 5. append
                log.Append(record);
                if (record.Error is not null) Interlocked.Increment(ref errors);
            }

            progress?.Report(new(task.Label, Interlocked.Increment(ref done), task.Samples.Count, Volatile.Read(ref errors)));
        }).ConfigureAwait(false);
    }

    /// <summary>Samples that shared batches, asked again alone; <c>null</c> where nothing was shared.</summary>
    private async Task<BatchingDifference?> CompareAsync(LoadedTask task, IReadOnlyList<SampleRecord> records, CancellationToken cancellationToken)
    {
        if (_subject.Alone is not { } alone) return null;
        List<(SampleRecord Batched, SampleRecord Alone)> pairs = [];
        foreach (int i in BatchingCheck.Positions(records.Count, _options.ComparedSamples))
        {
            cancellationToken.ThrowIfCancellationRequested();
            (EvalSample sample, IReadOnlyList<EvalSample> examples) = task.Samples[i];
            EvalPrompt prompt = task.Task.Render(sample, examples, alone.IsChat);
            pairs.Add((records[i], await AskAsync(alone, task.Task, sample, prompt, records[i].Key, cancellationToken).ConfigureAwait(false)));
        }

        return BatchingCheck.Of(task.Task.MainMetric, pairs);
    }

    private async Task<SampleRecord> AskAsync(
        IEvalSubject subject, EvalTask task, EvalSample sample, EvalPrompt prompt, string key, CancellationToken cancellationToken)
    {
        var record = new SampleRecord(sample.Id, key) { Group = sample.Group, Cluster = sample.Cluster, Prompt = prompt.Text };
        try
        {
            await subject.ResetAsync().ConfigureAwait(false);

            // 3. score or generate
            SampleAnswer answer = await task.AnswerAsync(sample, prompt, subject, cancellationToken).ConfigureAwait(false);

            // 4. grade
            SampleGrade grade = await task.GradeAsync(sample, answer, cancellationToken).ConfigureAwait(false);
            string? notANumber = grade.Metrics.FirstOrDefault(metric => !double.IsFinite(metric.Value)).Key;
            if (notANumber is not null) return record with { Error = $"{notANumber} is not a number." };
            return record with
            {
                Metrics = grade.Metrics,
                Prediction = grade.Prediction,
                Expected = grade.Expected,
                Reason = grade.Reason,
                Confidence = grade.Confidence,
                Texts = answer.Texts.Count > 1 || answer.Text.Length > 0 && answer.Text != grade.Prediction ? answer.Texts : null,
                Choices = answer.Scores.Count == 0
                    ? null
                    : [.. answer.Scores.Select(
                        (score, i) => new ChoiceRecord(sample.Choices[i].Text, score.LogProbabilities, score.IsGreedy))],
            };
        }
        catch (Exception e) when (e is not OperationCanceledException && !IsFatal(e))
        {
            return record with { Error = e is UserInputException ? e.Message : $"{e.GetType().Name}: {e.Message}" };
        }
    }

    // Faults of the whole run, which every further sample would only repeat.
    internal static bool IsFatal(Exception exception) =>
        exception is OutOfMemoryException or UserInputException { Field: "--run-code" or "TASK" or "model" or "chat" or "against" or "cache" };

    /// <summary>The judge on pairs with known labels; a run that goes on has this on disk.</summary>
    private async Task<JudgeCheck> JudgeAsync(RunFolder folder, TaskData data, CancellationToken cancellationToken)
    {
        if (folder.FindJudge() is { } found) return found;
        JudgeCheck check = await JudgeCalibration.RunAsync(_options.Judge!, data, _options.CalibrationPairs, cancellationToken).ConfigureAwait(false);
        folder.WriteJudge(check);
        return check;
    }

    private LoadedTask Load(EvalTask task, TaskData data)
    {
        task.Prepare(_options);
        IReadOnlyList<EvalSample> samples = task.Load(data);
        int shots = task.TakesExamples(_subject.IsChat) ? _options.Shots ?? task.Definition.Shots : 0;
        IReadOnlyList<EvalSample>[] examples = Examples.Draw(task, data, samples, shots, _options.Seed);
        var dealt = samples.Select((sample, i) => new AskedSample(sample, examples[i]))
            .Take(_options.Limit ?? int.MaxValue)
            .Where((_, i) => i % _options.Shards == _options.Shard - 1)
            .SelectMany(Attempts(task));
        string hash = data.Hash(task.Name, task.Definition.AllFiles);
        bool chat = _subject.IsChat && !task.Definition.Continues;
        string settings = task.Settings.Length > 0 ? "|" + task.Settings : "";
        string signature =
            $"task:{task.Name}|v:{task.Definition.Version}|shots:{shots}|seed:{(shots > 0 ? _options.Seed : 0)}|chat:{(chat ? "yes" : "no")}"
            + $"|data:{hash[..12]}{settings}";
        AskedSample[] asked = [.. dealt];
        return asked.Length > 0
            ? new(task, task.Group is null ? task.Name : $"{task.Name}:{task.Group}", asked, signature, hash)
            : throw new UserInputException(
                "--shard", $"--shard: part {_options.Shard} of {_options.Shards} of {task.Name} holds no samples.");
    }

    private Func<AskedSample, IEnumerable<AskedSample>> Attempts(EvalTask task)
    {
        bool counts = task.Metrics.Any(metric => metric.Kind is MetricKind.PassAtK or MetricKind.PassHatK);
        return one =>
        {
            int attempts = !counts
                ? 1 : _subject is AnswersSubject answers ? Math.Max(1, answers.CountOf(one.Sample.Id)) : _options.Attempts;
            string? cluster = counts ? one.Sample.Id : one.Sample.Cluster;
            return Enumerable.Range(0, attempts)
                .Select(i => one with { Sample = one.Sample with { Id = Attempt.Id(one.Sample.Id, i), Cluster = cluster } });
        };
    }

    private string Key(LoadedTask task, EvalSample sample, EvalPrompt prompt)
    {
        IEnumerable<string> parts =
            [_subject.Signature, task.Signature, sample.Id, prompt.Text, .. sample.Choices.Select(choice => choice.Text), .. sample.References];
        string all = string.Join('\0', parts);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)).AsSpan(0, 8));
    }

    private TaskResult Aggregate(LoadedTask task, IReadOnlyList<SampleRecord> records)
    {
        SampleRecord[] graded = [.. records.Where(record => record.Metrics is not null)];
        SampleFailure[] failures = Failures(records);
        int seed = (int)(_options.Seed & int.MaxValue);
        MetricResult[] metrics = [.. task.Task.Metrics.Select(metric => Aggregation.Of(metric, graded, seed)).OfType<MetricResult>()];
        MetricResult main = metrics.First(metric => metric.Metric == task.Task.Definition.Metric);
        TaskMetric source = task.Task.MainMetric;
        GroupResult[] groups =
        [
            .. graded.Where(record => record.Group is not null).GroupBy(record => record.Group!)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => (group.Key, Count: group.Count(), Result: Aggregation.Of(source, [.. group], seed)!))
                .Select(group => new GroupResult(group.Key, group.Count, group.Result.Value, group.Result.Stderr, group.Result.Ci95))
        ];
        return new(
            task.Label,
            task.Task.Definition.Version,
            graded.Length,
            main.Metric,
            main.Value,
            main.Stderr,
            main.Ci95,
            failures.Length,
            records.Count,
            task.Signature,
            task.Hash,
            [main, .. metrics.Where(metric => metric != main)],
            groups.Length > 1 ? groups : [],
            failures);
    }

    private static SampleFailure[] Failures(IEnumerable<SampleRecord> records) =>
        [.. records.Where(record => record.Error is not null).Select(record => new SampleFailure(record.Id, record.Error!))];

    private static UserInputException Nothing(FailedTask task) => new(
        task.Task, $"{task.Task}: none of {task.Samples} samples could be graded. The first one: {task.Failures[0].Error}");

    private void Check(IReadOnlyList<EvalTask> tasks)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tasks.Count);
        if (_options.Shard < 1 || _options.Shard > _options.Shards)
            throw new UserInputException(
                "--shard", $"--shard is {_options.Shard}/{_options.Shards}; a part from 1 to {_options.Shards} is expected.");
        if (_options.Judge is not null && !tasks.Any(task => task.NeedsJudge))
            throw new UserInputException("--judge", "--judge: none of the tasks has a judge; mt_bench and mt_bench_wins do.");
        if (!_subject.IsChat && tasks.FirstOrDefault(task => task.NeedsChat) is { } conversation)
            throw new UserInputException("chat", $"{conversation.Name} is a conversation: it needs a model with a chat template, and no --no-chat.");
        if (_options.Shots > 0 && tasks.FirstOrDefault(task => !task.TakesExamples(_subject.IsChat)) is { } bare)
            throw new UserInputException(
                nameof(EvalOptions.Shots), $"{_options.Shots} worked examples are asked for; {bare.Name}, asked like this, shows none. Run it apart, without them.");
        if (tasks.FirstOrDefault(task => task.RunsCode) is { } code && !_options.RunCode)
            throw new UserInputException(
                "--run-code", $"--run-code is needed for {code.Name}: it runs programs that the model writes (in a sandbox).");
        if (tasks.GroupBy(task => (task.Name, task.Group)).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new UserInputException("TASK", $"TASK: {twice.Key.Name} is named twice.");
    }

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private sealed record AskedSample(EvalSample Sample, IReadOnlyList<EvalSample> Examples);

    private sealed record LoadedTask(EvalTask Task, string Label, IReadOnlyList<AskedSample> Samples, string Signature, string Hash);
}
