using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Cli.Train;
using AgentKit.Eval;
using AgentKit.Eval.Report;
using AgentKit.Eval.Runs;
using AgentKit.Eval.Subjects;
using AgentKit.Eval.Tasks;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using Spectre.Console;

namespace AgentKit.Cli.Eval;

/// <summary><c>agentkit eval run TASK…</c>: benchmarks, one sample after the other, each on disk as soon as it is graded.</summary>
internal static class EvalRunCommand
{
    private static readonly Argument<string[]> Tasks = new("TASK")
    {
        Description = "Names of tasks ('agentkit eval list'), parts of them (mmlu:astronomy), or task files (.json).",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<int?> Limit = new("--limit") { Description = "Only the first n samples of each task.", HelpName = "n" };

    private static readonly Option<int?> Shots = new(
        "--shots") { Description = "Worked examples before each question. [default: the task's own number]", HelpName = "k" };

    private static readonly Option<string?> Out = new(
        "--out") { Description = "The run's folder. [default: a new one in <data>/evals]", HelpName = "dir" };

    private static readonly Option<bool> Resume = new(
        "--resume") { Description = "Go on with the run in --out; samples that failed are tried again." };

    private static readonly Option<string?> Shard = new(
        "--shard") { Description = "Run only part i of n: several machines share the samples.", HelpName = "i/n" };

    private static readonly Option<bool> NoChat = new("--no-chat") { Description = "Do not apply the model's chat template." };

    private static readonly Option<int> AtOnce = new("--parallel")
    {
        Description = "Samples at the same time. More than 1 is faster and moves log-probabilities a little; how much is measured and reported (--recheck).",
        HelpName = "n",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> Recheck = new("--recheck")
    {
        Description = "With --parallel: so many samples of each task are computed again one at a time, and the difference is reported.",
        HelpName = "n",
        DefaultValueFactory = _ => 16,
    };

    private static readonly Option<int> Attempts = new("--attempts")
    {
        Description = "Attempts at each sample, for pass@k and pass^k: a single one is greedy, several are all drawn.",
        HelpName = "n",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<uint> Seed = new(
        "--seed") { Description = "Seed of the examples and of bootstrap intervals.", HelpName = "n", DefaultValueFactory = _ => 1234 };

    private static readonly Option<bool> RunCode = new(
        "--run-code") { Description = "Run programs that the model writes, in a sandbox without network (humaneval, mbpp; Linux)." };

    private static readonly Option<string?> Adapter = new(
        "--adapter") { Description = "A LoRA adapter (.gguf) to put on the model.", HelpName = "file" };

    private static readonly Option<string?> Answers = new("--answers")
    {
        Description =
            "Grade answers that were written before instead of asking a model: JSON lines of id (or task_id) and answer (or completion, output).",
        HelpName = "file",
    };

    private static readonly Option<string?> Cache = new("--cache")
    {
        Description =
            "Keep the model's answers there and take them from there in later runs: scores and greedy answers, which come out the same each time.",
        HelpName = "dir",
    };

    private static readonly Option<string?> Judge = new("--judge")
    {
        Description = "The second model, which judges the answers of mt_bench and mt_bench_wins: a .gguf file or a name.",
        HelpName = "path|name",
    };

    private static readonly Option<int> Calibrate = new("--calibrate")
    {
        Description = "Pairs of LLMBar that the judge is tried on first; 0: none.",
        HelpName = "n",
        DefaultValueFactory = _ => 40,
    };

    private static readonly Option<string?> Against = new("--against")
    {
        Description = "The answers that mt_bench_wins compares with: the folder of another model's mt_bench run, or a file as for --answers.",
        HelpName = "dir|file",
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("run",
            "Run benchmarks on a model. A run that was interrupted goes on with --out DIR --resume and ends as if nothing had happened.")
        {
            Tasks,
            DatasetOptions.Directory,
            DatasetOptions.Samples,
            Limit,
            Shots,
            Out,
            Resume,
            Shard,
            NoChat,
            AtOnce,
            Recheck,
            Attempts,
            Seed,
            RunCode,
            Adapter,
            AdapterOptions.OtherBase,
            Answers,
            Cache,
            Judge,
            Calibrate,
            Against,
            ModelOptions.Context,
            ModelOptions.Threads,
            ModelOptions.Kv,
        },
        "agentkit eval run gsm8k ifeval --datasets ~/datasets --limit 100 --out runs/a --json",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        EvalOptions options = Options(context);
        EvalTask[] tasks = [.. context.Parse.GetValue(Tasks)!.Select(TaskCatalog.Find)];
        TaskData data = DatasetOptions.Read(context, context.Parse.GetValue(DatasetOptions.Samples));
        // What is missing must not cost the time of loading a model.
        foreach (EvalTask task in tasks) task.Load(data);
        if (context.Parse.GetValue(Cache) is { } cache && (options.Parallel > 1 || string.IsNullOrWhiteSpace(cache) || context.Parse.GetValue(Answers) is not null))
        {
            throw new UserInputException(
                Cache.Name, $"{Cache.Name} is '{cache}'; a directory is expected, and neither {AtOnce.Name} above 1 nor {Answers.Name}: kept is what is computed one at a time.");
        }

        string folder = Folder(context, options.Resume);
        long started = context.Time.GetTimestamp();
        using EvalJudgeModel? second = EvalJudgeModel.Open(context, context.Parse.GetValue(Judge), Judge.Name, context.Parse.GetValue(Answers) is not null);
        options = options with { Judge = second?.Judge, Against = ReadAgainst(context) };
        EvalResult result;
        if (context.Parse.GetValue(Answers) is { } answers)
        {
            result = await RunAsync(context, new AnswersSubject(
                Path.GetFileName(answers), AnswerFile.Read(Answers.Name, answers)), options, tasks, data, folder);
        }
        else
        {
            await using LocalModel model = ModelOpener.Open(
                context, ModelOptions.Read(context) with { Parallel = options.Parallel, PromptCacheBytes = 0 });
            LocalSubject subject = await SubjectAsync(context, model);
            using CachedSubject? cached = Cached(context, subject);
            result = await RunAsync(context, cached is null ? subject : cached, options, tasks, data, folder);
            if (cached is not null)
                context.Screen.Progress($"[grey]{cached.Found} requests answered from {Markup.Escape(cached.Path)}, {cached.Computed} computed[/]");
        }

        RunReport.Write(folder);
        context.WriteJson(
            new EvalRunJson(result.Tasks, result.Failed, result.Judge, result.Signature, folder, Math.Round(context.Time.GetElapsedTime(started).TotalSeconds, 3)));
        EvalRunTable.Print(context, result, folder);
        return result.Failed.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<EvalResult> RunAsync(
        CommandContext context, IEvalSubject subject, EvalOptions options, EvalTask[] tasks, TaskData data, string folder)
    {
        using var progress = new SampleProgress(() => new(context.Terminal, context.Quiet, context.Time, "samples"));
        try
        {
            return await new EvalRun(subject, options).RunAsync(tasks, data, folder, progress, context.Stop);
        }
        catch (OperationCanceledException)
        {
            progress.Dispose();
            context.Screen.Notice($"What is graded is in {folder}. The same command with --out {folder} --resume goes on.");
            throw;
        }
        catch (UserInputException e) when (Option(e.Field) is { } option)
        {
            throw new UserInputException(
                option, e.Message.Contains(option, StringComparison.Ordinal) ? e.Message : $"{option}: {e.Message}", e);
        }
    }

    private static CachedSubject? Cached(CommandContext context, LocalSubject subject)
    {
        if (context.Parse.GetValue(Cache) is not { } folder) return null;
        try
        {
            return new(subject, Path.GetFullPath(folder));
        }
        catch (UserInputException e) when (e.Field == "cache")
        {
            throw new UserInputException(Cache.Name, $"{Cache.Name}: {e.Message}", e);
        }
    }

    /// <summary>Another model's answers: what a run of it wrote, or a file.</summary>
    private static IReadOnlyDictionary<string, IReadOnlyList<string>>? ReadAgainst(CommandContext context)
    {
        if (context.Parse.GetValue(Against) is not { } path) return null;
        if (!Directory.Exists(path)) return AnswerFile.Read(Against.Name, path);
        TaskResult task = RunFolder.Load(path).Result.Tasks.FirstOrDefault(task => task.Task.StartsWith("mt_bench", StringComparison.Ordinal))
            ?? throw new UserInputException(Against.Name, $"{Against.Name}: the run in {path} has no mt_bench or mt_bench_wins.");
        return RunFolder.LoadSamples(path, task.Task).Where(sample => sample.Texts is not null).ToDictionary(sample => sample.Id, sample => sample.Texts!);
    }

    private static async Task<LocalSubject> SubjectAsync(CommandContext context, LocalModel model)
    {
        string hash = FileHash.Of(ModelLocator.Resolve(context.Model, context.Data));
        if (context.Parse.GetValue(Adapter) is { } adapter)
        {
            if (!File.Exists(adapter)) throw new UserInputException(Adapter.Name, $"{Adapter.Name}: there is no file {adapter}.");
            await LoadAsync(model, adapter, context.Parse.GetValue(AdapterOptions.OtherBase));
            model.DefaultAdapters = [new AdapterUse("adapter")];
            // The same adapter on the same model is the same subject, whatever the files are called.
            return new LocalSubject(model, hash, Chat(context), FileHash.Of(adapter));
        }

        return new LocalSubject(model, hash, Chat(context));
    }

    private static async Task LoadAsync(LocalModel model, string adapter, bool allowOtherBase)
    {
        try
        {
            await model.LoadAdapterAsync(adapter, "adapter", allowOtherBase);
        }
        catch (UserInputException e)
        {
            throw new UserInputException(Adapter.Name, $"{Adapter.Name}: {e.Message}", e);
        }
    }

    private static bool? Chat(CommandContext context) => context.Parse.GetValue(NoChat) ? false : null;

    private static EvalOptions Options(CommandContext context)
    {
        try
        {
            (int shard, int shards) = Part(context.Parse.GetValue(Shard));
            return new()
            {
                Limit = context.Parse.GetValue(Limit),
                Shots = context.Parse.GetValue(Shots),
                Seed = context.Parse.GetValue(Seed),
                Shard = shard,
                Shards = shards,
                Attempts = context.Parse.GetValue(Attempts),
                Parallel = context.Parse.GetValue(AtOnce),
                ComparedSamples = context.Parse.GetValue(Recheck),
                CalibrationPairs = context.Parse.GetValue(Calibrate),
                Resume = context.Parse.GetValue(Resume),
                RunCode = context.Parse.GetValue(RunCode),
            };
        }
        catch (UserInputException e) when (Option(e.Field) is { } option)
        {
            throw new UserInputException(option, $"{option}: {e.Message}", e);
        }
    }

    // The library names its properties; the user knows options.
    private static string? Option(string field) => field switch
    {
        nameof(EvalOptions.Limit) => Limit.Name,
        nameof(EvalOptions.Shots) => Shots.Name,
        nameof(EvalOptions.Shards) => Shard.Name,
        nameof(EvalOptions.Attempts) => Attempts.Name,
        nameof(EvalOptions.Parallel) => AtOnce.Name,
        nameof(EvalOptions.ComparedSamples) => Recheck.Name,
        nameof(EvalOptions.CalibrationPairs) => Calibrate.Name,
        "against" => Against.Name,
        "answers" => Answers.Name,
        "model" or "chat" => "--model",
        "cache" => Cache.Name,
        _ => null,
    };

    private static (int Shard, int Shards) Part(string? text)
    {
        if (text is null) return (1, 1);
        string[] parts = text.Split('/');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int shard)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int shards) && shard >= 1 && shard <= shards
            ? (shard, shards)
            : throw new UserInputException(
                Shard.Name, $"{Shard.Name} is '{text}'; a part of a whole such as 1/4 is expected, counted from 1.");
    }

    private static string Folder(CommandContext context, bool resume)
    {
        if (context.Parse.GetValue(Out) is { } given)
        {
            return string.IsNullOrWhiteSpace(given)
                ? throw new UserInputException(Out.Name, $"{Out.Name} is empty; a directory is expected.") : Path.GetFullPath(given);
        }

        if (resume) throw new UserInputException(Resume.Name, $"{Resume.Name} needs {Out.Name}: the folder of the run to go on with.");
        string evals = Path.Combine(context.Data.Ensure().Path, "evals");
        string stem = context.Time.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        return Enumerable.Range(0, int.MaxValue).Select(i => Path.Combine(evals, i == 0 ? stem : $"{stem}-{i}"))
            .First(path => !Directory.Exists(path));
    }
}
