namespace AgentKit.Models;

/// <summary>
/// The llama.cpp libraries are missing, of the wrong version, or could not do what was asked of them. The message is for the user and
/// carries the mending command where there is one.
/// </summary>
/// <param name="message">What is wrong and how to mend it.</param>
/// <param name="inner">The cause.</param>
public sealed class NativeRuntimeException(string message, Exception? inner = null) : Exception(message, inner);
