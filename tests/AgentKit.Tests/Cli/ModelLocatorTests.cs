using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Kernel.Errors;

namespace AgentKit.Tests.Cli;

public sealed class ModelLocatorTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agentkit-");

    private DataDirectory Data => new(_folder.FullName, "--data");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Resolve_Nano_IsTheShippedFileAsReleased()
    {
        Assert.Equal(ShippedModel.Path, ModelLocator.Resolve("nano", Data));
        Assert.True(ShippedModel.IsIntact());
    }

    [Fact]
    public void Resolve_NameInDataDirectory_IsThatFile()
    {
        string file = Add("mine.gguf");
        Assert.Equal(file, ModelLocator.Resolve("mine", Data));
        Assert.Equal(["nano", "mine"], ModelLocator.List(Data).Select(model => model.Name));
    }

    [Fact]
    public void Resolve_SplitModel_IsItsFirstFile()
    {
        string[] files = [.. Enumerable.Range(1, 3).Select(part => Add($"big-0000{part}-of-00003.gguf"))];
        Assert.Equal(files[0], ModelLocator.Resolve("big", Data));
        Assert.Equal(["nano", "big"], ModelLocator.List(Data).Select(model => model.Name));
        Assert.Equal(files, ModelLocator.Parts(files[0]));
    }

    [Fact]
    public void Resolve_UnknownName_NamesOptionAndKnownModels()
    {
        Add("mine.gguf");
        AssertFault("their", "'their'", "nano, mine");
    }

    [Fact]
    public void Resolve_MissingFile_NamesOptionAndPath() => AssertFault(Path.Combine(_folder.FullName, "no.gguf"), "no.gguf", "no file");

    [Fact]
    public void Resolve_Directory_SaysSo() => AssertFault(_folder.FullName, _folder.FullName, "is a directory");

    [Fact]
    public void Resolve_Empty_SaysSo() => AssertFault(" ", "is empty");

    private void AssertFault(string model, params string[] words)
    {
        var fault = Assert.Throws<UserInputException>(() => ModelLocator.Resolve(model, Data));
        Assert.Equal("--model", fault.Field);
        Assert.All(words.Append("--model"), word => Assert.Contains(word, fault.Message, StringComparison.Ordinal));
    }

    private string Add(string name)
    {
        string path = Path.Combine(Directory.CreateDirectory(Data.Models).FullName, name);
        File.WriteAllBytes(path, []);
        return path;
    }
}
