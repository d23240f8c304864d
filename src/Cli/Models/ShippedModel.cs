using System.Security.Cryptography;

namespace AgentKit.Cli.Models;

/// <summary>The model that comes with the program; <c>models/README.md</c> is its card.</summary>
internal static class ShippedModel
{
    public const string Name = "nano";

    /// <summary>SHA-256 of the file as released, in lower-case hexadecimal.</summary>
    public const string Sha256 = "3fb70e9a39931aa1055e0b7f4735410721e520297053a9d9844d814bcce21fd5";

    /// <summary>Where the build puts it: beside the program.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "models", Name + ".gguf");

    /// <summary>Whether the file is the released one.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static bool IsIntact()
    {
        using FileStream file = File.OpenRead(Path);
        return Convert.ToHexStringLower(SHA256.HashData(file)) == Sha256;
    }
}
