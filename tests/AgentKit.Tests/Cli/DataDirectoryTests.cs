using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;

namespace AgentKit.Tests.Cli;

public class DataDirectoryTests
{
    [Fact]
    public void Resolve_OptionAndEnvironmentGiven_TakesTheOption()
    {
        DataDirectory data = DataDirectory.Resolve("here", _ => "elsewhere");
        Assert.Equal((Path.GetFullPath("here"), "--data"), (data.Path, data.Source));
    }

    [Fact]
    public void Resolve_EnvironmentGiven_TakesIt()
    {
        DataDirectory data = DataDirectory.Resolve(null, name => name == "AGENTKIT_HOME" ? "elsewhere" : null);
        Assert.Equal((Path.GetFullPath("elsewhere"), "AGENTKIT_HOME"), (data.Path, data.Source));
    }

    [Fact]
    public void Resolve_NothingGiven_TakesTheHomeDirectory()
    {
        DataDirectory data = DataDirectory.Resolve(null, _ => null);
        Assert.Equal((".agentkit", "default"), (Path.GetFileName(data.Path), data.Source));
    }

    [Fact]
    public void Ensure_PathIsAFile_NamesTheOption()
    {
        string file = Path.GetTempFileName();
        try
        {
            var fault = Assert.Throws<UserInputException>(() => new DataDirectory(file, "--data").Ensure());
            Assert.Equal("--data", fault.Field);
            Assert.Contains(file, fault.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
