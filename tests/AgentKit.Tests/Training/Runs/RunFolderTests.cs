using AgentKit.Kernel.Errors;
using AgentKit.Testing;
using AgentKit.Training.Runs;

namespace AgentKit.Tests.Training.Runs;

public sealed class RunFolderTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_CheckpointsWithoutMetrics_IsARunToo()
    {
        using (RunFolder first = RunFolder.Open(_folder["run"], new byte[32], resume: false)) first.Save(Summary(3), Parts());
        var refused = Assert.Throws<UserInputException>(() => RunFolder.Open(_folder["run"], new byte[32], resume: false));
        Assert.Contains("holds a run already", refused.Message, StringComparison.Ordinal);
        using RunFolder resumed = RunFolder.Open(_folder["run"], new byte[32], resume: true);
        Assert.Equal(3, resumed.Resume()!.Summary.Steps);
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
        folder.Save(Summary(5), Parts());
        folder.Save(Summary(7), Parts());
        folder.ForgetRollouts(5, steps: 2);
        Assert.Equal([2, 3, 4, 5], Enumerable.Range(0, 6).Where(round => File.Exists(folder.Rollouts(round))));
    }

    [Fact]
    public void Checkpoint_WrittenAndRead_IsTheSame()
    {
        string path = _folder["a.akt"];
        new Checkpoint(new byte[32], Summary(7), Parts()).Write(path);
        Checkpoint read = Checkpoint.Read(path);
        Assert.Equal(7, read.Summary.Steps);
        Assert.Equal(Parts()["values"], read.Parts["values"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(200)]
    public void Checkpoint_CutOff_IsNamed(int length)
    {
        string path = _folder["a.akt"];
        new Checkpoint(new byte[32], Summary(7), Parts()).Write(path);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..length]);
        Assert.Contains($"{path} cannot be used", Assert.Throws<UserInputException>(() => Checkpoint.Read(path)).Message, StringComparison.Ordinal);
    }

    private static TrainingSummary Summary(int steps) => new(steps, 10, 2, 1, null, null);

    private static Dictionary<string, byte[]> Parts() => new() { ["values"] = [.. Enumerable.Range(0, 2_000_000).Select(i => (byte)i)] };
}
