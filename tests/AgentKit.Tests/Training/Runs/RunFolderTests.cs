using AgentKit.Kernel.Errors;
using AgentKit.Testing;
using AgentKit.Training.Engine;
using AgentKit.Training.Runs;

namespace AgentKit.Tests.Training.Runs;

public sealed class RunFolderTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_CheckpointsWithoutMetrics_IsARunToo()
    {
        using (RunFolder first = RunFolder.Open(_folder["run"], new byte[32], resume: false)) first.Save(State(3), Parts());
        var refused = Assert.Throws<UserInputException>(() => RunFolder.Open(_folder["run"], new byte[32], resume: false));
        Assert.Contains("holds a run already", refused.Message, StringComparison.Ordinal);
        using RunFolder resumed = RunFolder.Open(_folder["run"], new byte[32], resume: true);
        Assert.Equal(3, resumed.Resume()!.State.Summary.Steps);
    }

    [Theory]
    [InlineData("data.jsonl", "data.jsonl is a file; the path of a folder is expected.")]
    [InlineData("data.jsonl/run", "cannot be used: ")]
    public void Open_WhereNoFolderCanBe_SaysSoAndSuspectsNoOtherTraining(string path, string expected)
    {
        _folder.Write("data.jsonl", "{}");
        var refused = Assert.Throws<UserInputException>(() => RunFolder.Open(_folder[path], new byte[32], resume: false));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Another training", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FolderInUse_SuspectsAnotherTraining()
    {
        using RunFolder first = RunFolder.Open(_folder["run"], new byte[32], resume: false);
        var refused = Assert.Throws<UserInputException>(() => RunFolder.Open(_folder["run"], new byte[32], resume: true));
        Assert.Contains("Another training may be running in it.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ForgetRollouts_KeepsThoseOfCheckpoints()
    {
        using RunFolder folder = RunFolder.Open(_folder["run"], new byte[32], resume: false);
        for (int round = 0; round < 6; round++) File.WriteAllText(folder.Rollouts(round), "");
        folder.Save(State(5), Parts());
        folder.Save(State(7), Parts());
        folder.ForgetRollouts(5, steps: 2);
        Assert.Equal([2, 3, 5], Enumerable.Range(0, 6).Where(round => File.Exists(folder.Rollouts(round))));
    }

    [Fact]
    public void ForgetRollouts_CheckpointsBetweenRounds_NeedNone()
    {
        using RunFolder folder = RunFolder.Open(_folder["run"], new byte[32], resume: false);
        for (int round = 0; round < 6; round++) File.WriteAllText(folder.Rollouts(round), "");
        folder.Save(State(2), Parts());
        folder.Save(State(4), Parts());
        folder.ForgetRollouts(5, steps: 2);
        Assert.Equal([5], Enumerable.Range(0, 6).Where(round => File.Exists(folder.Rollouts(round))));
    }

    [Fact]
    public void Open_AfterAKill_DeletesWhatWasBeingWrittenAndNothingElse()
    {
        string[] remains = ["run/checkpoint-00000004.akt.part", "run/policy.gguf.abc.partial"], others = ["run/notes.part", "run/download.partial"];
        foreach (string file in (string[])[.. remains, .. others]) _folder.Write(file, "x");
        using RunFolder folder = RunFolder.Open(_folder["run"], new byte[32], resume: true);
        Assert.DoesNotContain(remains, file => File.Exists(_folder[file]));
        Assert.All(others, file => Assert.True(File.Exists(_folder[file])));
    }

    [Theory]
    [InlineData("loss", 1, 2, true)]
    [InlineData("kl", 1, 2, true)]
    [InlineData("nll", 2, 1, false)]
    [InlineData("reward_judge_unjudged", 0.1, 0.2, true)]
    [InlineData("accuracy", 1, 2, false)]
    [InlineData("reward", 2, 1, true)]
    public void EarlyStop_AMetric_FallsOrRisesAsItIsMeant(string metric, double value, double best, bool better) =>
        Assert.Equal(better, new EarlyStopOptions { Metric = metric }.IsBetter(value, best));

    [Fact]
    public void Checkpoint_WrittenAndRead_IsTheSame()
    {
        string path = _folder["a.akt"];
        RunState state = State(7) with { Unmeasured = new(7, 1, 1e-3, 2, 10, 70, 5), Begun = new(2026, 3, 1, 23, 0, 0, TimeSpan.FromHours(9)) };
        new Checkpoint([.. Enumerable.Range(0, 32).Select(i => (byte)i)], state, Parts()).Write(path);
        Checkpoint read = Checkpoint.Read(path);
        Assert.Equivalent(state, read.State, strict: true);
        Assert.Equal(state.Begun, Checkpoint.StateOf(path)!.Begun);
        Assert.Equal(Enumerable.Range(0, 32).Select(i => (byte)i), read.Fingerprint);
        Assert.Equal(Parts().Keys.Order(), read.Parts.Keys.Order());
        Assert.All(Parts(), part => Assert.Equal(part.Value, read.Parts[part.Key]));
        // Sizes are counted in 64 bits: parts are written and read slice by slice, whatever their length.
        Assert.Equal(8 + 32 + 4 + 4 + 32 + JsonBytes(path) + Parts().Sum(part => 4L + part.Key.Length + 1 + 8 + Buffer.ByteLength(part.Value)), new FileInfo(path).Length);
    }

    [Fact]
    public void EndOf_AsManyWeightsAsCanBeTrained_IsWhereTheyEndAndOneMoreIsRefused()
    {
        const int most = int.MaxValue - 1023;
        Assert.Equal(most, ParameterSet.EndOf(most - 5, 5, "rank"));
        Assert.Contains("rank: more than 2,147,482,624 weights", Assert.Throws<UserInputException>(() => ParameterSet.EndOf(most - 5, 6, "rank")).Message, StringComparison.Ordinal);
        Assert.Throws<UserInputException>(() => ParameterSet.EndOf(1, 1L << 40, "model"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(200)]
    public void Checkpoint_CutOff_IsNamed(int length)
    {
        string path = _folder["a.akt"];
        new Checkpoint(new byte[32], State(7), Parts()).Write(path);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..length]);
        Assert.Contains($"{path} cannot be used", Assert.Throws<UserInputException>(() => Checkpoint.Read(path)).Message, StringComparison.Ordinal);
    }

    private static RunState State(int steps) => new(new TrainingSummary(steps, 10, 2, 1, null, null));

    private static int JsonBytes(string path) => BitConverter.ToInt32(File.ReadAllBytes(path).AsSpan(40, 4));

    /// <summary>Of no slice, of a whole one, of one and a bit, of several.</summary>
    private static Dictionary<string, Array> Parts() => new()
    {
        ["none"] = Array.Empty<float>(),
        ["mean8"] = Enumerable.Range(0, 1 << 20).Select(i => (byte)(i * 7)).ToArray(),
        ["scales"] = Enumerable.Range(0, (1 << 20) + 1).Select(i => (float)i).ToArray(),
        ["values"] = Enumerable.Range(0, (2 << 20) + 77_777).Select(i => 1f / (i + 1)).ToArray(),
    };
}
