using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Tests.Models.Gguf;

public sealed class SplitModelTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("agentkit-split");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Verify_AllPartsThere_Passes() => ModelCheck.Verify(GgufFile.Open(Write()));

    [Fact]
    public void Verify_PartMissing_NamesIt()
    {
        string path = Write();
        File.Delete(path.Replace("00001-of", "00002-of"));
        Assert.Contains("model-00002-of-00002.gguf", Assert.Throws<UserInputException>(() => ModelCheck.Verify(GgufFile.Open(path))).Message);
    }

    [Fact]
    public void Verify_SecondPartOpened_AsksForTheFirst()
    {
        string path = Write().Replace("00001-of", "00002-of");
        var error = Assert.Throws<UserInputException>(() => ModelCheck.Verify(GgufFile.Open(path)));
        Assert.Contains("general.architecture", error.Field);
    }

    [Fact]
    public void Verify_PartNumberOfWrongType_IsRefused()
    {
        string path = Write(secondNumber: 1u);
        var error = Assert.Throws<UserInputException>(() => ModelCheck.Verify(GgufFile.Open(path)));
        Assert.Equal("split.no", error.Field);
        Assert.Contains("model-00002-of-00002.gguf", error.Message);
    }

    private string Write(GgufValue? secondNumber = null)
    {
        var whole = RawGguf.Parse(TestModel.CreateBytes());
        var second = new RawGguf();
        second.Set("split.no", secondNumber ?? (ushort)1);
        second.Tensors.AddRange(whole.Tensors.Skip(5));
        second.Relayout(new Random(1), 1 << 24);
        int tensors = whole.Tensors.Count;
        whole.Tensors.RemoveRange(5, tensors - 5);
        whole.Relayout(new Random(1), 1 << 24);
        whole.Set("split.count", (ushort)2);
        whole.Set("split.no", (ushort)0);
        whole.Set("split.tensors.count", tensors);
        File.WriteAllBytes(Path.Combine(folder.FullName, "model-00002-of-00002.gguf"), second.ToBytes());
        string first = Path.Combine(folder.FullName, "model-00001-of-00002.gguf");
        File.WriteAllBytes(first, whole.ToBytes());
        return first;
    }
}
