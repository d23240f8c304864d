using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Models.Quantization;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Tests.Models.Quantization;

public sealed class ImportanceMatrixTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Write_ThenRead_GivesTheSame()
    {
        var dense = new ImportanceEntry("blk.0.attn_q.weight", [1, 2.5f, 0, 4], [7]);
        var experts = new ImportanceEntry("blk.0.ffn_up_exps.weight", [1, 2, 3, 4, 0, 0], [3, 5, 0]);
        var matrix = new ImportanceMatrix
        {
            Entries = new[] { experts, dense }.ToDictionary(entry => entry.Tensor),
            Datasets = ["calibration.txt"],
            Chunks = 3,
            ChunkLength = 512,
            Model = "abc",
            TextSha256 = "def",
        };
        matrix.Write(_scratch["imatrix.gguf"]);
        ImportanceMatrix read = ImportanceMatrix.Read(_scratch["imatrix.gguf"]);
        Assert.Equal(["blk.0.attn_q.weight", "blk.0.ffn_up_exps.weight"], read.Entries.Keys);
        Assert.Equal(dense.SquaredSums, read.Entries[dense.Tensor].SquaredSums);
        Assert.Equal((3, 2), (read.Entries[experts.Tensor].Counts.Count, read.Entries[experts.Tensor].Columns));
        Assert.Equal((3, 512, "abc", "def"), (read.Chunks, read.ChunkLength, read.Model, read.TextSha256));
        Assert.Equal(matrix.Datasets, read.Datasets);
        GgufFile file = GgufFile.Open(_scratch["imatrix.gguf"]);
        Assert.Equal("imatrix", file.FindString("general.type"));
        Assert.Equal([2, 3], file.FindTensor("blk.0.ffn_up_exps.weight.in_sum2")!.Shape);
        Assert.Equal([1, 3], file.FindTensor("blk.0.ffn_up_exps.weight.counts")!.Shape);
        Assert.Equal([1], file.FindTensor("blk.0.attn_q.weight.counts")!.Shape);
    }

    [Fact]
    public void Means_ExpertThatHasSeenNothing_IsWeighedEvenly() =>
        Assert.Equal([0.5f, 1, 1, 1], new ImportanceEntry("x", [2, 4, 0, 0], [4, 0]).Means());

    [Theory]
    [InlineData("a.in_sum2", 4, "b.counts", 1, "no a.counts")]
    [InlineData("a.in_sum2", 4, "a.counts", 3, "do not fit together")]
    [InlineData("a.weight", 4, "a.counts", 1, "pairs named")]
    public void Read_TensorsThatAreNoPairs_NamesThem(string first, int elements, string second, int counts, string expected)
    {
        new GgufWriter().Set("general.type", "imatrix").Add(first, GgmlType.F32, [elements], new float[elements])
            .Add(second, GgmlType.F32, [counts], new float[counts]).Write(_scratch["x.gguf"]);
        Assert.Contains(expected, Assert.Throws<UserInputException>(() => ImportanceMatrix.Read(_scratch["x.gguf"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(float.PositiveInfinity, 1)]
    [InlineData(-1, 1)]
    [InlineData(1, float.NaN)]
    [InlineData(1, -2)]
    public void Read_NumbersThatAreNone_NamesThePlace(float sum, float count)
    {
        new GgufWriter().Set("general.type", "imatrix").Add("a.in_sum2", GgmlType.F32, [2], new[] { 1, sum })
            .Add("a.counts", GgmlType.F32, [1], new[] { count }).Write(_scratch["x.gguf"]);
        string message = Assert.Throws<UserInputException>(() => ImportanceMatrix.Read(_scratch["x.gguf"])).Message;
        Assert.Contains(count == 1 ? "a.in_sum2[1]" : "a.counts[0]", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AModel_SaysWhatIsExpected()
    {
        string model = TestModel.Create(_scratch["model.gguf"]);
        var refused = Assert.Throws<UserInputException>(() => ImportanceMatrix.Read(model));
        Assert.Equal("imatrix", refused.Field);
        Assert.Contains("\"model\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoSuchFileOrNoGguf_IsTheUsersFault()
    {
        Assert.Throws<UserInputException>(() => ImportanceMatrix.Read(_scratch["none.gguf"]));
        Assert.Throws<UserInputException>(() => ImportanceMatrix.Read(_scratch.Write("old.dat", "old format")));
    }

    [Theory]
    [InlineData("IQ2_XXS")]
    [InlineData("iq1_s")]
    [InlineData("Q2_K_S")]
    public async Task Quantize_TypeThatNeedsIt_IsRefusedWithout(string type)
    {
        string input = TestModel.Create(_scratch["in.gguf"]);
        var refused = await Assert.ThrowsAsync<UserInputException>(() => ModelQuantizer.QuantizeAsync(input, _scratch["out.gguf"], type));
        Assert.Equal("imatrix", refused.Field);
        Assert.Contains("agentkit model imatrix", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("blk.0.attn_q.weight", 32, "32 inputs for blk.0.attn_q.weight")]
    [InlineData("blk.9.attn_q.weight", 64, "blk.9.attn_q.weight, which in.gguf does not have")]
    [InlineData("blk.0.attn_q.weight", 64, "no entry for blk.0.attn_k.weight and 12 more")]
    public async Task Quantize_ImportanceOfAnotherModel_NamesTheTensor(string tensor, int columns, string expected)
    {
        string input = TestModel.Create(_scratch["in.gguf"]);
        var matrix = new ImportanceMatrix
        {
            Entries = new Dictionary<string, ImportanceEntry> { [tensor] = new(tensor, new float[columns], [1]) },
            Datasets = [],
            Chunks = 1,
            ChunkLength = 512,
        };
        var refused = await Assert.ThrowsAsync<UserInputException>(
            () => ModelQuantizer.QuantizeAsync(input, _scratch["out.gguf"], "IQ2_XS", new() { Importance = matrix }));
        Assert.Equal("imatrix", refused.Field);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Equal([input], Directory.GetFiles(_scratch.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n")]
    public async Task Collect_EmptyText_IsRefused(string text)
    {
        string input = TestModel.Create(_scratch["in.gguf"]);
        var refused = await Assert.ThrowsAsync<UserInputException>(() => ImportanceCollector.CollectAsync(input, text, _scratch["out.gguf"]));
        Assert.Equal("text", refused.Field);
    }

    [Fact]
    public void Options_OutOfRange_NamesTheField()
    {
        Assert.Equal("ChunkLength", Assert.Throws<UserInputException>(() => new ImportanceOptions { ChunkLength = 15 }).Field);
        Assert.Equal("Chunks", Assert.Throws<UserInputException>(() => new ImportanceOptions { Chunks = 0 }).Field);
    }
}
