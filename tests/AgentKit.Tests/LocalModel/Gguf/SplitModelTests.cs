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

    private string Write(GgufValue? secondNumber = null) => SplitModel.Create(folder.FullName, secondNumber);
}
