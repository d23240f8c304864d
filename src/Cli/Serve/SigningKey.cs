using System.Security.Cryptography;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Serve;

/// <summary>
/// What MCP clients carry for the server is signed with <c>mcp.key</c> of the data directory, so that it is good in the next process too.
/// </summary>
internal static class SigningKey
{
    private const int Bytes = 32;

    /// <exception cref="UserInputException">The file is not a key.</exception>
    public static byte[] Read(DataDirectory data)
    {
        string path = Path.Combine(data.Ensure().Path, "mcp.key");
        if (!File.Exists(path)) Create(path);
        byte[] key = File.ReadAllBytes(path);
        return key.Length == Bytes ? key : throw new UserInputException(path, $"{path} has {key.Length} bytes; a key has {Bytes}. Delete the file to get a new one.");
    }

    private static void Create(string path)
    {
        string draft = $"{path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(draft, options)) file.Write(RandomNumberGenerator.GetBytes(Bytes));
        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was quicker; its key is as good.
            File.Delete(draft);
        }
    }
}
