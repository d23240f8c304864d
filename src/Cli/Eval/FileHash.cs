using System.Security.Cryptography;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Eval;

/// <summary>SHA-256 of a file in hexadecimal.</summary>
internal static class FileHash
{
    public static string Of(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException(path, $"{path} cannot be read ({e.Message})", e);
        }
    }
}
