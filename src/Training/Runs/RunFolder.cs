using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;

namespace AgentKit.Training.Runs;

/// <summary>The folder of one run of training: <c>metrics.jsonl</c>, the two newest checkpoints, the adapter. One process at a time uses it.</summary>
public sealed class RunFolder : IDisposable
{
    private const int KeptCheckpoints = 2;
    private const string Prefix = "checkpoint-", Suffix = ".akt", RoundPrefix = "rollouts-", RoundSuffix = ".json";

    private readonly FileStream _lock;
    private readonly byte[] _fingerprint;
    private readonly DateTimeOffset? _begun;

    private RunFolder(string path, FileStream lockFile, byte[] fingerprint, DateTimeOffset? begun)
    {
        (Path, _lock, _fingerprint, _begun) = (path, lockFile, fingerprint, begun);
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The finished adapter.</summary>
    public string Adapter => System.IO.Path.Combine(Path, "adapter.gguf");

    /// <summary>The same as curves, when the run has ended.</summary>
    public string Curves => System.IO.Path.Combine(Path, "curves.html");

    /// <summary>The adapter as it writes answers at the moment.</summary>
    internal string Policy => System.IO.Path.Combine(Path, "policy.gguf");

    /// <summary>What a run that goes on was begun with; <c>null</c> before the first checkpoint.</summary>
    /// <exception cref="UserInputException">The file that says so is damaged.</exception>
    internal RunEngine? Engine
    {
        get
        {
            if (Checkpoints().Length == 0 || !File.Exists(EngineFile)) return null;
            try
            {
                return JsonSerializer.Deserialize(File.ReadAllText(EngineFile), RunsJsonContext.Default.RunEngine);
            }
            catch (JsonException e)
            {
                throw new UserInputException("--resume", $"--resume: {EngineFile} is damaged: {e.Message}", e);
            }
        }
    }

    /// <summary>One line of JSON for each step.</summary>
    public string Metrics => System.IO.Path.Combine(Path, "metrics.jsonl");

    /// <summary>Takes a folder for a run.</summary>
    /// <param name="path">Created if need be.</param>
    /// <param name="fingerprint">SHA-256 of what the run's result depends on.</param>
    /// <param name="resume">Whether to go on with the run that is there.</param>
    /// <exception cref="UserInputException">Another process uses it, it holds a run and is not to be resumed, or the run there is another one.</exception>
    public static RunFolder Open(string path, byte[] fingerprint, bool resume) => Open(path, fingerprint, resume, begun: null);

    /// <param name="path">Created if need be.</param>
    /// <param name="fingerprint">SHA-256 of what the run's result depends on.</param>
    /// <param name="resume">Whether to go on with the run that is there.</param>
    /// <param name="begun">When the run began, where that counts.</param>
    internal static RunFolder Open(string path, byte[] fingerprint, bool resume, DateTimeOffset? begun)
    {
        if (File.Exists(path)) throw new UserInputException("out", $"out: {path} is a file; the path of a folder is expected.");
        FileStream lockFile;
        try
        {
            Directory.CreateDirectory(path);
            lockFile = new(LockOf(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException("out", $"out: {path} cannot be used: {e.Message}{(File.Exists(LockOf(path)) ? " Another training may be running in it." : "")}", e);
        }

        var folder = new RunFolder(path, lockFile, fingerprint, begun);
        if (!resume && (File.Exists(folder.Metrics) || folder.Checkpoints().Length > 0))
        {
            lockFile.Dispose();
            throw new UserInputException("out", $"out: {path} holds a run already; --resume goes on with it, another folder begins a new one.");
        }

        try
        {
            folder.RefuseAnotherRun();
            folder.DeleteRemains();
            return folder;
        }
        catch
        {
            lockFile.Dispose();
            throw;
        }
    }

    /// <summary>The step of a run's newest checkpoint; <c>null</c> when there is none.</summary>
    /// <param name="path">The run's folder, whether it is in use or not.</param>
    public static int? LastCheckpoint(string path)
    {
        if (!Directory.Exists(path)) return null;
        string? newest = Checkpoints(path).LastOrDefault();
        return newest is null ? null : StepOfCheckpoint(newest);
    }

    /// <summary>When the run in a folder began, as its newest checkpoint says; <c>null</c> where that is not known.</summary>
    internal static DateTimeOffset? BegunOf(string path) =>
        Directory.Exists(path) && Checkpoints(path).LastOrDefault() is { } newest ? Checkpoint.StateOf(newest)?.Begun : null;

    /// <summary>Lets another process use the folder.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>The newest checkpoint, if there is one; what was measured after it is forgotten.</summary>
    /// <exception cref="UserInputException">It is damaged.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    internal Checkpoint? Resume()
    {
        string? newest = Checkpoints().LastOrDefault();
        Checkpoint? checkpoint = newest is null ? null : Checkpoint.Read(newest);
        ForgetAfter(checkpoint is null ? 0 : checkpoint.State.Summary.Steps - (checkpoint.State.Unmeasured is null ? 0 : 1));
        return checkpoint;
    }

    /// <exception cref="TrainingException">It cannot be written; earlier ones are intact.</exception>
    internal void Save(RunState state, IReadOnlyDictionary<string, Array> parts)
    {
        int steps = state.Summary.Steps;
        string path = System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{steps:D8}{Suffix}"));
        try
        {
            new Checkpoint(_fingerprint, state with { Begun = _begun }, parts).Write(path);
            foreach (string old in Checkpoints().SkipLast(KeptCheckpoints)) File.Delete(old);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string left = Checkpoints().LastOrDefault() is { } last ? $"{last} is intact; make room and go on with --resume" : "make room and go on with --resume";
            throw new TrainingException($"The checkpoint of step {steps} cannot be written to {path}: {e.Message.TrimEnd('.')}; {left}.", e);
        }
    }

    /// <summary>Keeps what the run computes with, for when it goes on.</summary>
    internal void Note(RunEngine engine) =>
        AtomicFile.Write(EngineFile, stream => JsonSerializer.Serialize(stream, engine, RunsJsonContext.Default.RunEngine));

    /// <summary>The answers of one round of a policy gradient.</summary>
    internal string Rollouts(int round) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{RoundPrefix}{round:D8}{RoundSuffix}"));

    /// <summary>Forgets all rounds but the newest and those that a kept checkpoint lies in.</summary>
    /// <param name="round">The newest round.</param>
    /// <param name="steps">Steps of a round.</param>
    internal void ForgetRollouts(int round, int steps)
    {
        // A checkpoint between rounds goes on with a new one.
        string[] kept = [Rollouts(round), .. Checkpoints().Select(StepOfCheckpoint).Where(step => step % steps != 0).Select(step => Rollouts(step / steps))];
        foreach (string file in Directory.GetFiles(Path, $"{RoundPrefix}*{RoundSuffix}").Except(kept)) File.Delete(file);
    }

    /// <exception cref="TrainingException">It cannot be written.</exception>
    internal void Append(TrainingStep step)
    {
        try
        {
            File.AppendAllText(Metrics, JsonSerializer.Serialize(step, RunsJsonContext.Default.TrainingStep) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{Metrics} cannot be written: {e.Message.TrimEnd('.')}; make room and go on with --resume.", e);
        }
    }

    private string EngineFile => System.IO.Path.Combine(Path, "engine.json");

    private static int StepOfCheckpoint(string file) => int.Parse(System.IO.Path.GetFileNameWithoutExtension(file)[Prefix.Length..], CultureInfo.InvariantCulture);

    private string[] Checkpoints() => Checkpoints(Path);

    private static string LockOf(string path) => System.IO.Path.Combine(path, "run.lock");

    private static string[] Checkpoints(string path) => [.. Directory.EnumerateFiles(path, $"{Prefix}*{Suffix}").Order(StringComparer.Ordinal)];

    /// <summary>Deletes files that a process was writing when it was killed, under names that none may write again.</summary>
    private void DeleteRemains()
    {
        string[] remains = [$"{Prefix}*{Suffix}.part", $"{RoundPrefix}*{RoundSuffix}.part", "policy.gguf.*.partial", "adapter.gguf.*.partial", "model.gguf.*.partial"];
        foreach (string file in remains.SelectMany(name => Directory.GetFiles(Path, name))) File.Delete(file);
    }

    /// <summary>Before anything costly is done: a run goes on only as it was begun.</summary>
    private void RefuseAnotherRun()
    {
        if (Checkpoints().LastOrDefault() is not { } newest || Checkpoint.FingerprintOf(newest) is not { } found || found.AsSpan().SequenceEqual(_fingerprint)) return;
        throw new UserInputException(
            "--resume", $"--resume: {newest} was written with another configuration, model or data; go on with those, or begin a new run in another folder.");
    }

    private void ForgetAfter(int step)
    {
        string[] kept = File.Exists(Metrics) ? [.. File.ReadLines(Metrics).TakeWhile(line => StepOf(line) <= step)] : [];
        AtomicFile.Write(Metrics, stream => stream.Write(Encoding.UTF8.GetBytes(string.Concat(kept.Select(line => line + "\n")))));
    }

    /// <summary>A line that was cut off when the process died counts as later.</summary>
    private static int StepOf(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, RunsJsonContext.Default.TrainingStep)?.Step ?? int.MaxValue;
        }
        catch (JsonException)
        {
            return int.MaxValue;
        }
    }
}
