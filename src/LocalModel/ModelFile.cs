using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Models;

/// <summary>Opens model files so that nothing unchecked reaches the native loader.</summary>
internal static class ModelFile
{
    /// <exception cref="UserInputException">There is no such file, or it is not a model llama.cpp can load safely.</exception>
    public static GgufFile OpenChecked(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new UserInputException("model", "The model's path is empty; the path of a GGUF file is expected.");
        }

        if (Directory.Exists(path))
        {
            throw new UserInputException("model", $"{path} is a folder; the path of a GGUF file is expected.");
        }

        if (!File.Exists(path))
        {
            throw new UserInputException("model", $"{path} does not exist; the path of a GGUF file is expected.");
        }

        GgufFile file = GgufFile.Open(path);
        ModelCheck.Verify(file);
        return file;
    }
}
